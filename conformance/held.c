/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A sign of its own: the bytes of message queues that other processes of the
 * same user hold.  They count against the limit of this one, and on Linux they
 * can be seen: a descriptor of a queue is a file there.
 */
#include "run.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif

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

/* Queues that no process has open are seen where they are files. */
static unsigned long long held_by_names(const char *directory)
{
	unsigned long long bytes = 0;
	struct dirent *entry;
	char path[320];
	DIR *dir = opendir(directory);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		bytes += cost(path);
	}
	if (dir != NULL)
		closedir(dir);
	return bytes;
}

/* Counts what others hold; leaves the number of queues in queues. */
static unsigned long long count_held(void)
{
	unsigned long long bytes = 0;
	struct dirent *entry;
	DIR *all = opendir("/proc");
	long pid;

	queues = 0;
	while (all != NULL && (entry = readdir(all)) != NULL) {
		pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && !is_ours(pid))
			bytes += held_by(pid);
	}
	if (all != NULL)
		closedir(all);
	return bytes + held_by_names("/dev/mqueue");
}

struct held {
	unsigned long long bytes;
	unsigned queues;
};

/* In a child that shows itself the queues as files, if it may. */
static void count_in_child(struct held *held)
{
#if defined(HAVE_UNSHARE) && defined(CLONE_NEWNS) && defined(HAVE_SYS_MOUNT_H)
	if (unshare(CLONE_NEWNS) == 0) {
		mkdir("/dev/mqueue", 0755);
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
		mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL);
	}
#endif
	held->bytes = count_held();
	held->queues = queues;
}

static struct held what_others_hold(void)
{
	struct held none = {0, 0}, found;
	struct held *held = mmap(NULL, sizeof(*held), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (held == MAP_FAILED)
		return none;
	pid = fork();
	if (pid == 0) {
		count_in_child(held);
		ct_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	found = *held;
	munmap(held, sizeof(*held));
	return found;
}

/* "queues": others have most of those that this namespace may have. */
static bool most_queues(void)
{
	struct held held = what_others_hold();
	unsigned long long most = 0;
	FILE *f = fopen("/proc/sys/fs/mqueue/queues_max", "r");

	if (f == NULL)
		return false;
	if (fscanf(f, "%llu", &most) != 1)
		most = 0;
	fclose(f);
	return most != 0 && held.queues >= most / 2 &&
	       ct__because("there are %u queues of others, and "
			   "/proc/sys/fs/mqueue/queues_max is %llu",
			   held.queues, most);
}

/* "half": other processes of this user hold half of its bytes or more. */
bool ct__held(const char *word)
{
#ifdef RLIMIT_MSGQUEUE
	struct rlimit limit;
	struct held held;

	if (strcmp(word, "queues") == 0)
		return most_queues();
	if (getrlimit(RLIMIT_MSGQUEUE, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return false;
	held = what_others_hold();
	return held.bytes >= limit.rlim_cur / 2 &&
	       ct__because("others hold %llu bytes in %u queues, and "
			   "RLIMIT_MSGQUEUE is %llu",
			   held.bytes, held.queues,
			   (unsigned long long)limit.rlim_cur);
#else
	(void)word;
	return false;
#endif
}
