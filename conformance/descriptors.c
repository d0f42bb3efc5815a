/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists descriptors by asking the system, or by trying each number. */
#include "descriptors.h"

#include "os.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define TRIED 4096 /* numbers, where the system has no list */

static struct ct_descriptors kept;

static void add(struct ct_descriptors *list, int fd)
{
	int *more;

	if (list->n % 64 == 0) {
		more = realloc(list->fd, (list->n + 64) * sizeof(*more));
		if (more == NULL)
			return;
		list->fd = more;
	}
	list->fd[list->n++] = fd;
}

/*
 * From a directory of descriptors.  One that lists only 0 to 2, as where no
 * such file system is mounted, lacks the directory's own.
 */
static bool list_from(struct ct_descriptors *list, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool complete = false;
	char *end;
	int fd;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		fd = (int)strtol(entry->d_name, &end, 10);
		if (*end != '\0' || end == entry->d_name)
			continue;
		if (fd == dirfd(dir))
			complete = true;
		else if (fcntl(fd, F_GETFD) != -1) /* not an emulator's own */
			add(list, fd);
	}
	closedir(dir);
	if (!complete)
		ct_descriptors_free(list);
	return complete;
}

void ct_descriptors_list(struct ct_descriptors *list)
{
	int fd;

	*list = (struct ct_descriptors){NULL, 0};
	if (list_from(list, "/proc/self/fd") || list_from(list, "/dev/fd"))
		return;
	for (fd = 0; fd < TRIED; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			add(list, fd);
}

bool ct_descriptors_has(const struct ct_descriptors *list, int fd)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (list->fd[i] == fd)
			return true;
	return false;
}

void ct_descriptors_free(struct ct_descriptors *list)
{
	free(list->fd);
	*list = (struct ct_descriptors){NULL, 0};
}

int ct_descriptors_count(void)
{
	struct ct_descriptors list;
	int n;

	ct_descriptors_list(&list);
	n = (int)list.n;
	ct_descriptors_free(&list);
	return n;
}

void ct_descriptors_keep(int fd)
{
	add(&kept, fd);
}

void ct_descriptors_close_own(void)
{
	struct ct_descriptors list;
	unsigned i;
	int flags;

	ct_descriptors_list(&list);
	for (i = 0; i < list.n; i++) {
		flags = fcntl(list.fd[i], F_GETFD);
		if (list.fd[i] > 2 && flags != -1 && (flags & FD_CLOEXEC) &&
		    !ct_descriptors_has(&kept, list.fd[i]))
			close(list.fd[i]);
	}
	ct_descriptors_free(&list);
}
