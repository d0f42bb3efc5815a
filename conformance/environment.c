/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does the environment explain that a call was refused?  An errno alone proves
 * nothing: a broken system returns it too.  So a second, independent sign is
 * looked for: the limit, the mount or the privilege that causes the refusal.
 * The signs of a system stand in platform-notes, as the "sign:" of a remedy;
 * those that every system can show are in this file.
 */
#include "notes.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char reason[160];

bool ct__because(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof(reason), format, ap);
	va_end(ap);
	return true;
}

static bool any_sign_holds(const char *words, const char *cause)
{
	char word[160];
	size_t n;

	for (;; words += n) {
		words += strspn(words, " ");
		if (*words == '\0')
			return false;
		n = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		if (ct__sign_holds(word, cause))
			return true;
	}
}

/* Signs that need no notes: the plainest call of its kind is refused, too. */

static bool no_descriptors(void)
{
	enum { ENOUGH = 32 }; /* a case has some 30 at a time */
	int fd[ENOUGH], n = 0, error;

	while (n < ENOUGH && (fd[n] = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	error = errno;
	for (int i = 0; i < n; i++)
		close(fd[i]);
	return n < ENOUGH && (error == EMFILE || error == ENFILE) &&
	       ct__because("only %d more descriptors can be opened: %s", n,
			   ct_errno_name(error));
}

static bool no_memory(void)
{
	/* A case maps some megabytes, and a thread's stack is 8 MiB. */
	const size_t enough = 64 * 1024 * 1024;
	void *p = mmap(NULL, enough, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED) {
		munmap(p, enough);
		return false;
	}
	/* Which limit it is, where it is one. */
	return ct__limit_sign("as<268435456") ||
	       ct__limit_sign("data<268435456") ||
	       ct__because("64 MiB of memory cannot be mapped: %s",
			   ct_errno_name(errno));
}

/* Root whose rights over others' files were taken, as containers do. */
static bool no_rights(void)
{
	enum { CAP_DAC_OVERRIDE_ = 1 };
	unsigned long long rights;
	char line[128];
	bool lacks = false;
	FILE *f = geteuid() == 0 ? fopen("/proc/self/status", "r") : NULL;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "CapEff: %llx", &rights) == 1)
			lacks = (rights >> CAP_DAC_OVERRIDE_ & 1) == 0;
	if (f != NULL)
		fclose(f);
	return lacks && ct__because("root has no CAP_DAC_OVERRIDE here");
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
		return no_processes() || no_memory() ||
		       ct__limit_sign("sigpending<64");
	case EACCES:
	case EPERM:
		return no_rights();
	case EFBIG:
		/* The largest object of a case. */
		return ct__limit_sign("fsize<16777216");
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

/*
 * Calls that use an object, and need no resource that could be lacking: what
 * refuses one of them is the system.
 */
static bool makes_nothing(const char *cause)
{
	static const char *const calls[] = {
	    "mq_send",	  "mq_receive", "mq_timed", "mq_getattr",
	    "mq_setattr", "sem_post",	"sem_wait", "sem_try",
	    "sem_timed",  "sem_clock",	"sem_getv", "sem_acquire",
	    "sem_rel",	  "q_put",	"q_take",   "q_send",
	};
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strstr(cause, calls[i]) != NULL)
			return strstr(cause, "open") == NULL;
	return false;
}

/* The remedy that fits the cause, and whose sign holds if it has one. */
const struct ct_remedy *ct_explaining_remedy(const char *cause)
{
	const struct ct_remedy *r;
	size_t i;

	for (i = 0; (r = ct_remedy_at(i)) != NULL; i++) {
		/* Only a filter keeps a call away that makes nothing. */
		if (makes_nothing(cause) && strncmp(r->sign, "filter:", 7) != 0)
			continue;
		if (*r->sign != '\0' && fnmatch(r->cause, cause, 0) == 0 &&
		    ct_matches(r->match, ct_system()) &&
		    any_sign_holds(r->sign, cause))
			return r;
	}
	return NULL;
}

const char *ct_explain(const char *cause, int error)
{
	reason[0] = '\0';
	if (ct_explaining_remedy(cause) != NULL ||
	    (!makes_nothing(cause) && everywhere(error)))
		return reason;
	return NULL;
}

/*
 * Calls that are not under test: whatever refuses them is the environment.  A
 * refusal of root's privileges needs no other sign.
 */
bool ct__not_under_test(const char *call)
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
const char *ct_kind_of(const char *call)
{
	static const struct {
		const char *word, *kind;
	} words[] = {
	    {"mq", "mq"},	  {"q_", "mq"},		{"sem", "sem"},
	    {"shm", "shm"},	  {"ftruncate", "shm"}, {"map(", "shm"},
	    {"fallocate", "shm"},
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(call, words[i].word) != NULL)
			return words[i].kind;
	return NULL;
}

const char *ct_environment(const char *what, int error)
{
	static const char *const kinds[] = {"mq", "sem", "shm"};
	const char *kind = ct_kind_of(what), *why = NULL;
	char cause[400];
	size_t i;

	if (ct__not_under_test(what))
		return reason;
	if (!ct_is_refusal(error))
		return NULL;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && why == NULL; i++) {
		/* A helper of a case may not tell the kind by its name. */
		if (kind != NULL && strcmp(kind, kinds[i]) != 0)
			continue;
		snprintf(cause, sizeof(cause), "%s: %s: %s", kinds[i], what,
			 ct_errno_name(error));
		why = ct_explain(cause, error);
	}
	return why;
}
