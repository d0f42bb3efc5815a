/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does the environment explain that a call was refused?  An errno alone proves
 * nothing: a broken system returns it too.  So a second, independent sign is
 * looked for: the limit, the mount or the privilege that causes the refusal.
 * The signs of a system stand in platform-notes, as the "sign:" of a remedy;
 * those that every system can show are in this file.
 */
#include "expect.h"
#include "run.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

static char reason[160];

bool ct__because(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof(reason), format, ap);
	va_end(ap);
	return true;
}

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

static bool limit_sign(const char *word)
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

/* The signs of a remedy: one that holds is enough. */
static bool sign_holds(const char *word)
{
	static const struct {
		const char *name;
		bool (*holds)(const char *value);
	} signs[] = {
	    {"limit:", limit_sign},	{"number:", number_sign},
	    {"missing:", missing_sign}, {"read-only:", read_only_sign},
	    {"small:", small_sign},	{"unwritable:", unwritable_sign},
	    {"filter:", filter_sign},	{"elsewhere:", ct__elsewhere},
	};
	size_t i, n;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		n = strlen(signs[i].name);
		if (strncmp(word, signs[i].name, n) == 0)
			return signs[i].holds(word + n);
	}
	return false;
}

static bool any_sign_holds(const char *words)
{
	char word[160];
	size_t n;

	for (;; words += n) {
		words += strspn(words, " ");
		if (*words == '\0')
			return false;
		n = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		if (sign_holds(word))
			return true;
	}
}

/* Signs that need no notes: the plainest call of its kind is refused, too. */

static bool no_descriptors(void)
{
	int fd;

	/* The harness and a case need some 40 descriptors at a time. */
	if (limit_sign("nofile<64"))
		return true;
	if ((fd = open("/dev/null", O_RDONLY)) < 0)
		return (errno == EMFILE || errno == ENFILE) &&
		       ct__because("/dev/null cannot be opened: %s",
				   ct_errno_name(errno));
	close(fd);
	return false;
}

static bool no_memory(void)
{
	enum { ENOUGH = 16 * 1024 * 1024 };
	void *p;

	/* A case maps some megabytes, and a thread's stack is 8 MiB. */
	if (limit_sign("as<268435456") || limit_sign("data<268435456"))
		return true;
	p = mmap(NULL, ENOUGH, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return ct__because("16 MiB of memory cannot be mapped: %s",
				   ct_errno_name(errno));
	munmap(p, ENOUGH);
	return false;
}

/* As many processes at a time as a case has. */
static bool no_processes(void)
{
	enum { ENOUGH = 12 };
	pid_t pid[ENOUGH];
	int error = 0, hold[2], n = 0;
	char byte;

	if (pipe(hold) != 0)
		return false;
	while (n < ENOUGH && (pid[n] = fork()) >= 0) {
		if (pid[n] == 0) {
			close(hold[1]);
			(void)!read(hold[0], &byte, 1);
			_exit(0);
		}
		n++;
	}
	if (n < ENOUGH)
		error = errno;
	close(hold[1]);
	close(hold[0]);
	for (int i = 0; i < n; i++)
		while (waitpid(pid[i], NULL, 0) < 0 && errno == EINTR)
			;
	return error != 0 &&
	       ct__because("only %d more processes can be started: %s", n,
			   ct_errno_name(error));
}

static bool everywhere(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
		return no_descriptors();
	case ENOMEM:
		return no_memory();
	case EAGAIN:
		return no_processes() || limit_sign("sigpending<64");
	case EFBIG:
		/* The largest object of a case. */
		return limit_sign("fsize<16777216");
	default:
		return false;
	}
}

bool ct_is_refusal(int error)
{
	static const int refusals[] = {EACCES, EPERM,  EMFILE, ENFILE, ENOSPC,
				       ENOMEM, EAGAIN, EROFS,  ENOENT, EFBIG};
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i] == error)
			return true;
	return false;
}

/* The remedy that fits the cause, and whose sign holds if it has one. */
const struct ct_remedy *ct_explaining_remedy(const char *cause)
{
	const struct ct_remedy *r;

	asked = cause;
	for (r = ct_remedies; r->id != NULL; r++)
		if (*r->sign != '\0' && fnmatch(r->cause, cause, 0) == 0 &&
		    ct_matches(r->match, ct_system()) &&
		    any_sign_holds(r->sign))
			return r;
	return NULL;
}

const char *ct_explain(const char *cause, int error)
{
	reason[0] = '\0';
	if (ct_explaining_remedy(cause) != NULL || everywhere(error))
		return reason;
	return NULL;
}

/*
 * Calls that are not under test: whatever refuses them is the environment.  A
 * refusal of root's privileges needs no other sign.
 */
static bool not_under_test(const char *call)
{
	static const char *const calls[] = {
	    "fork",	 "pipe(",   "pthread_create", "setrlimit",
	    "sched_set", "unshare", "mount(",	      "setgroups",
	    "setgid",	 "setuid",  "socketpair",     "clock_settime",
	    "calloc",	 "malloc",  "->down",
	};
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strstr(call, calls[i]) != NULL)
			return ct__because("this process may not do that, and "
					   "the call is not under test");
	return false;
}

/* The kind of object that a call is about, as capabilities are named. */
static const char *kind_of(const char *call)
{
	static const struct {
		const char *word, *kind;
	} words[] = {
	    {"mq_", "mq"},	  {"sem_", "sem"}, {"shm_", "shm"},
	    {"ftruncate", "shm"}, {"mmap", "shm"}, {"fallocate", "shm"},
	    {"ct_map", "shm"},	  {"ct_mq", "mq"}, {"ct_sem", "sem"},
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(call, words[i].word) != NULL)
			return words[i].kind;
	return "call";
}

const char *ct_environment(const char *what, int error)
{
	char cause[400];

	if (!ct_is_refusal(error))
		return NULL;
	if (everywhere(error) || not_under_test(what))
		return reason;
	snprintf(cause, sizeof(cause), "%s: %s: %s", kind_of(what), what,
		 ct_errno_name(error));
	return ct_explain(cause, error);
}
