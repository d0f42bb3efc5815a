/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A sign of its own: the bytes of message queues that other processes of the
 * same user hold.  They count against the limit of this one, and on Linux they
 * can be seen: a descriptor of a queue is a file there.
 */
#include "run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define QUEUES 512 /* counted once each, in however many processes */

static ino_t seen[QUEUES];
static unsigned queues;

static long parent_of(long pid)
{
	char path[64], text[512] = "", *p;
	long parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) != NULL &&
	    (p = strrchr(text, ')')) != NULL)
		sscanf(p + 1, " %*c %ld", &parent);
	fclose(f);
	return parent;
}

/* Is it this process, or one that descends from it? */
static bool is_ours(long pid)
{
	while (pid > 1 && pid != (long)getpid())
		pid = parent_of(pid);
	return pid == (long)getpid();
}

static bool is_new(ino_t inode)
{
	unsigned i;

	for (i = 0; i < queues; i++)
		if (seen[i] == inode)
			return false;
	if (queues == QUEUES)
		return false;
	seen[queues++] = inode;
	return true;
}

/* What a queue behind a descriptor of another process costs; 0: it is none. */
static unsigned long long cost(const char *path)
{
	enum { MESSAGE = 48 }; /* at least, besides its bytes */
	unsigned long long bytes = 0;
	char text[8] = "";
	struct mq_attr attr;
	struct stat s;
	int fd;

	/* A queue is a small file whose text says how full it is. */
	if (stat(path, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size > 256 ||
	    (fd = open(path, O_RDONLY | O_NONBLOCK)) < 0)
		return 0;
	if (read(fd, text, 6) == 6 && strcmp(text, "QSIZE:") == 0 &&
	    is_new(s.st_ino) &&
	    pipc__os_system.mq_getattr((mqd_t)(intptr_t)fd, &attr) == 0)
		bytes = (unsigned long long)attr.mq_maxmsg *
			((unsigned long long)attr.mq_msgsize + MESSAGE);
	close(fd);
	return bytes;
}

static unsigned long long held_by(long pid)
{
	unsigned long long bytes = 0;
	struct dirent *entry;
	char path[320];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	dir = opendir(path);
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%ld/fd/%s", pid,
			 entry->d_name);
		bytes += cost(path);
	}
	closedir(dir);
	return bytes;
}

/* "held:half": other processes of this user hold half of its bytes or more. */
bool ct__held(const char *word)
{
#ifdef RLIMIT_MSGQUEUE
	unsigned long long bytes = 0;
	struct dirent *entry;
	struct rlimit limit;
	DIR *all;
	long pid;

	(void)word;
	if (getrlimit(RLIMIT_MSGQUEUE, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY || (all = opendir("/proc")) == NULL)
		return false;
	queues = 0;
	while ((entry = readdir(all)) != NULL) {
		pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && !is_ours(pid))
			bytes += held_by(pid);
	}
	closedir(all);
	return bytes >= limit.rlim_cur / 2 &&
	       ct__because("other processes hold %llu bytes in %u queues, and "
			   "RLIMIT_MSGQUEUE is %llu",
			   bytes, queues, (unsigned long long)limit.rlim_cur);
#else
	(void)word;
	return false;
#endif
}
