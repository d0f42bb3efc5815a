/* SPDX-License-Identifier: BSD-3-Clause */
/* getline() for C libraries that lack it. */
#include "options.h"

#include <stdlib.h>

long ct_line(FILE *f, char **line, size_t *size)
{
	size_t n = 0;
	char *grown;
	int c;

	do {
		if (n + 2 > *size) {
			grown = realloc(*line, *size + 512);
			if (grown == NULL)
				return -1;
			*line = grown;
			*size += 512;
		}
		c = getc(f);
		if (c == EOF)
			break;
		(*line)[n++] = (char)c;
	} while (c != '\n');
	(*line)[n] = '\0';
	return n > 0 ? (long)n : -1;
}
