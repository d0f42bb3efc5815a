/* SPDX-License-Identifier: BSD-3-Clause */
/* Which descriptors are open, however high their numbers are. */
#ifndef CT_DESCRIPTORS_H
#define CT_DESCRIPTORS_H

#include <stdbool.h>

struct ct_descriptors {
	int *fd;
	unsigned n;
};

/* In no order; as far as there is memory. */
void ct_descriptors_list(struct ct_descriptors *list);
bool ct_descriptors_has(const struct ct_descriptors *list, int fd);
void ct_descriptors_free(struct ct_descriptors *list);
int ct_descriptors_count(void);

/* A descriptor that a library opened before the program began. */
void ct_descriptors_keep(int fd);

/* In a child: closes what the runner opened for itself, to be closed at exec.
 */
void ct_descriptors_close_own(void);

#endif
