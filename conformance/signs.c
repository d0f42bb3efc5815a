/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The signs that explain a refusal: a limit, a mount, a privilege, a filter.
 * platform-notes/README.md lists them; a remedy names those of its cause.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

/* "NAME<NUMBER": the name's length and the number. */
static bool less_than(const char *word, size_t *n, unsigned long long *bound)
{
	const char *less = strchr(word, '<');

	if (less == NULL)
		return false;
	*n = (size_t)(less - word);
	*bound = strtoull(less + 1, NULL, 10);
	return true;
}

bool ct__limit_sign(const char *word)
{
	static const struct {
		const char *name, *told;
		int resource;
	} limits[] = {
	    {"nofile", "RLIMIT_NOFILE", RLIMIT_NOFILE},
	    {"fsize", "RLIMIT_FSIZE", RLIMIT_FSIZE},
	    {"data", "RLIMIT_DATA", RLIMIT_DATA},
#ifdef RLIMIT_AS
	    {"as", "RLIMIT_AS", RLIMIT_AS},
#endif
#ifdef RLIMIT_NPROC
	    {"nproc", "RLIMIT_NPROC", RLIMIT_NPROC},
#endif
#ifdef RLIMIT_MSGQUEUE
	    {"msgqueue", "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
#endif
#ifdef RLIMIT_SIGPENDING
	    {"sigpending", "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
#endif
	};
	unsigned long long bound;
	struct rlimit limit;
	size_t i, n;

	if (!less_than(word, &n, &bound))
		return false;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (strlen(limits[i].name) == n &&
		    strncmp(limits[i].name, word, n) == 0 &&
		    getrlimit(limits[i].resource, &limit) == 0 &&
		    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < bound)
			return ct__because("%s is %llu", limits[i].told,
					   (unsigned long long)limit.rlim_cur);
	return false;
}

/* A file whose first line is a number, such as a sysctl of Linux. */
static bool number_sign(const char *word)
{
	unsigned long long bound, value;
	char path[128];
	size_t n;
	FILE *f;
	bool held;

	if (!less_than(word, &n, &bound))
		return false;
	snprintf(path, sizeof(path), "%.*s", (int)n, word);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	held = fscanf(f, "%llu", &value) == 1 && value < bound;
	fclose(f);
	return held && ct__because("%s is %llu", path, value);
}

static bool missing_sign(const char *path)
{
	struct stat s;

	return stat(path, &s) != 0 && errno == ENOENT &&
	       ct__because("%s does not exist", path);
}

static bool read_only_sign(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) &&
	       ct__because("the file system of %s is read-only", path);
}

/*
 * Less room than the cases use, which is less than 16 MiB and 1000 files: what
 * was there in the moment of the refusal may have been removed meanwhile, so
 * the size of the whole counts as well as what is free.
 */
static bool small_sign(const char *path)
{
	enum { BYTES = 16 * 1024 * 1024, FILES = 1000 };
	unsigned long long bytes, files;
	struct statvfs fs;

	if (statvfs(path, &fs) != 0 || fs.f_blocks == 0)
		return false;
	bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	files = fs.f_favail;
	if (bytes < BYTES)
		return ct__because("%s has %llu KiB free", path, bytes / 1024);
	return fs.f_files != 0 && files < FILES &&
	       ct__because("%s has room for %llu more files", path, files);
}

/* For this user, or, as root may write everywhere, for those it becomes. */
static bool unwritable_sign(const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		return false;
	if (geteuid() != 0 && access(path, W_OK | X_OK) != 0)
		return ct__because("this user may not create files in %s",
				   path);
	return geteuid() == 0 && (s.st_mode & 0003) != 0003 &&
	       ct__because("%s has mode %04o", path,
			   (unsigned)s.st_mode & 07777);
}

static const char *asked; /* the cause that is to be explained */

/*
 * "filter:cause": a filter of system calls refuses the call that the cause
 * names.  The kernel judges the arguments of a call only after a filter has let
 * the call pass, so a filter refuses one whose arguments are senseless, too.
 */
static bool filter_sign(const char *word)
{
	static const struct {
		const char *name;
		long number;
	} calls[] = {
#if defined(HAVE_SYS_SYSCALL_H) && defined(SYS_mq_open)
		{"mq_open", SYS_mq_open},
		{"ct_mq", SYS_mq_open},
		{"mq_notify", SYS_mq_notify},
		{"mq_unlink", SYS_mq_unlink},
#ifdef SYS_mq_timedsend
		{"mq_send", SYS_mq_timedsend},
		{"mq_timedsend", SYS_mq_timedsend},
		{"mq_receive", SYS_mq_timedreceive},
		{"mq_timedreceive", SYS_mq_timedreceive},
#endif
#endif
		{NULL, 0},
	};
	bool filtered = false;
	char line[128];
	size_t i;
	FILE *f = fopen("/proc/self/status", "r");

	(void)word;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		filtered = filtered || strncmp(line, "Seccomp:\t2", 10) == 0;
	if (f != NULL)
		fclose(f);
	for (i = 0; filtered && calls[i].name != NULL; i++)
		if (strstr(asked, calls[i].name) != NULL &&
		    ct__refused_at_once(calls[i].number))
			return ct__because("a filter (seccomp) refuses the "
					   "system call, whatever it is asked");
	return false;
}

bool ct__sign_holds(const char *word, const char *cause)
{
	static const struct {
		const char *name;
		bool (*holds)(const char *value);
	} signs[] = {
	    {"limit:", ct__limit_sign}, {"number:", number_sign},
	    {"missing:", missing_sign}, {"read-only:", read_only_sign},
	    {"small:", small_sign},	{"unwritable:", unwritable_sign},
	    {"filter:", filter_sign},	{"held:", ct__held},
	};
	size_t i, n;

	asked = cause;
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		n = strlen(signs[i].name);
		if (strncmp(word, signs[i].name, n) == 0)
			return signs[i].holds(word + n);
	}
	return false;
}
