/* SPDX-License-Identifier: BSD-3-Clause */
/* getline() for C libraries that lack it. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

bool ct_line(FILE *f, char **line, size_t *size)
{
	size_t n = 0;
	char *grown;

	for (;;) {
		if (n + 1 >= *size) {
			grown = realloc(*line, *size + 512);
			if (grown == NULL)
				return false;
			*line = grown;
			*size += 512;
		}
		if (fgets(*line + n, (int)(*size - n), f) == NULL)
			return n > 0;
		n += strlen(*line + n);
		if (n > 0 && (*line)[n - 1] == '\n')
			return true;
	}
}
