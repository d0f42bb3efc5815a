/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a case: a process group and a pipe, a deadline, a verdict, clean-up. */
#include "run.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#define DEFAULT_SECONDS 10
#define NAMES 256

const char *const ct_outcome_names[] = {
	"PASS", "FAIL",	       "TIMEOUT",    "CRASH",
	"LEAK", "UNSUPPORTED", "UNRESOLVED", "NOTED",
};

/* What came through the pipe so far. */
struct job {
	const struct pipc__os *os;
	struct ct_result *r;
	int fd;
	pid_t pid;
	char line[CT_RECORD_MAX];
	size_t len;
	bool ended, failed, unresolved, noted, garbage;
	unsigned names;
	struct {
		char kind, name[80];
		bool ours;
	} ledger[NAMES];
};

unsigned ct_run_token(void)
{
	static unsigned token;

	if (token == 0)
		token = (unsigned)getppid() * 31 + 1;
	return token;
}

static void say(struct job *j, const char *text)
{
	size_t n = strlen(j->r->messages);

	snprintf(j->r->messages + n, sizeof(j->r->messages) - n, "%s\n", text);
}

static void keep_name(struct job *j, const char *text, bool ours)
{
	unsigned i;

	if (strlen(text) < 3 || strlen(text + 2) >= sizeof(j->ledger[0].name))
		return;
	for (i = 0; i < j->names; i++)
		if (j->ledger[i].kind == text[0] &&
		    strcmp(j->ledger[i].name, text + 2) == 0)
			break;
	if (i == NAMES)
		return;
	if (i == j->names)
		j->names++;
	j->ledger[i].kind = text[0];
	strcpy(j->ledger[i].name, text + 2);
	if (ours)
		j->ledger[i].ours = true;
}

static void take_line(struct job *j)
{
	const char *text = j->line + 2;

	if (j->len < 2 || j->line[0] != CT_RECORD_MARK ||
	    strchr("FNREOC", j->line[1]) == NULL) {
		j->garbage = true;
		return;
	}
	switch (j->line[1]) {
	case 'F':
		j->failed = true;
		say(j, text);
		break;
	case 'N':
		j->noted = true;
		say(j, text);
		break;
	case 'R':
		j->unresolved = true;
		say(j, text);
		break;
	case 'E':
		j->ended = true;
		j->r->checks = atoi(text);
		break;
	default:
		keep_name(j, text, j->line[1] == 'C');
	}
}

/* Reads what is there; false at the end of the pipe. */
static bool drain(struct job *j)
{
	char buf[4096];
	ssize_t n, i;

	while ((n = read(j->fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n' || j->len == CT_RECORD_MAX - 1) {
				j->line[j->len] = '\0';
				take_line(j);
				j->len = 0;
			} else {
				j->line[j->len++] = buf[i];
			}
		}
	return n != 0;
}

static unsigned descriptors(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static _Noreturn void in_child(const struct ct_case *c,
			       const struct pipc__os *os, int records)
{
	struct ct t = {.self = c, .records = records};
	int null = open("/dev/null", O_RDWR);
	unsigned before, after;

	setpgid(0, 0);
	t.main_pid = getpid();
	if (null >= 0) {
		dup2(null, 0);
		if (null > 2)
			close(null);
	}
	t.os = ct_ledger(os, records);
	pipc__use(t.os);
	before = descriptors();
	c->run(&t);
	after = descriptors();
	ct_record(records, 'E', "%d", t.checks);
	_exit(after > before ? CT_LEAK : 0);
}

static bool unlink_one(const struct pipc__os *os, char kind, const char *name)
{
	switch (kind) {
	case 's':
		return os->sem_unlink(name) == 0;
	case 'm':
		return os->shm_unlink(name) == 0;
	default:
		return os->mq_unlink(name) == 0;
	}
}

/* Removes what the case left; true if something was left that should not be. */
static bool sweep(struct job *j)
{
	bool leaked = false;
	char text[160];
	unsigned i;

	for (i = 0; i < j->names; i++) {
		if (!unlink_one(j->os, j->ledger[i].kind, j->ledger[i].name) ||
		    j->ledger[i].ours)
			continue;
		leaked = true;
		snprintf(text, sizeof(text), "left behind: %s",
			 j->ledger[i].name);
		say(j, text);
	}
	return leaked;
}

/* Waits for the case's own process; true if the deadline passed first. */
static bool wait_main(struct job *j, unsigned seconds, int *status)
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, seconds * 1000L);
	struct pollfd p = {j->fd, POLLIN, 0};

	while (waitpid(j->pid, status, WNOHANG) != j->pid) {
		if (ct_reached(CLOCK_MONOTONIC, &end)) {
			kill(j->pid, SIGKILL);
			waitpid(j->pid, status, 0);
			return true;
		}
		poll(&p, 1, 1);
		if (!drain(j))
			p.fd = -1;
	}
	return false;
}

/* Kills and reaps the rest of the group; true if anybody was still there. */
static bool end_group(pid_t group)
{
	bool left = false;
	int status;

	kill(-group, SIGKILL);
	while (waitpid(-group, &status, 0) > 0 || errno == EINTR)
		left = left || WIFSIGNALED(status);
	return left;
}

static enum ct_outcome judge(struct job *j, int status, bool late, bool leaked,
			     bool processes)
{
	char text[120];

	if (j->garbage) {
		say(j, "something that is no record came through the pipe");
		return CT_CRASH;
	}
	if (late) {
		say(j, "did not end by its deadline");
		return j->failed ? CT_FAIL : CT_TIMEOUT;
	}
	if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "killed by signal %d",
			 WTERMSIG(status));
		say(j, text);
		return CT_CRASH;
	}
	if (!j->ended) {
		snprintf(text, sizeof(text),
			 "exited early with status %d, before its end",
			 WEXITSTATUS(status));
		say(j, text);
		return CT_CRASH;
	}
	if (j->failed)
		return CT_FAIL;
	if (j->unresolved)
		return CT_UNRESOLVED;
	if (processes)
		say(j, "left behind: processes");
	if (WEXITSTATUS(status) == CT_LEAK)
		say(j, "left behind: descriptors");
	if (leaked || processes || WEXITSTATUS(status) == CT_LEAK)
		return CT_LEAK;
	if (j->r->checks == 0) {
		say(j, "checked nothing");
		return CT_UNRESOLVED;
	}
	return j->noted ? CT_NOTED : CT_PASS;
}

void ct_run_case(const struct ct_case *c, const struct pipc__os *os,
		 struct ct_result *result)
{
	struct job *j = calloc(1, sizeof(*j));
	bool late, processes, leaked;
	int fds[2], status = 0;

	memset(result, 0, sizeof(*result));
	if (j == NULL || pipe(fds) != 0) {
		result->outcome = CT_UNRESOLVED;
		free(j);
		return;
	}
	j->os = os;
	j->r = result;
	j->fd = fds[0];
	fcntl(j->fd, F_SETFL, O_NONBLOCK);
#ifdef PR_SET_CHILD_SUBREAPER
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
	j->pid = fork();
	if (j->pid == 0) {
		close(fds[0]);
		in_child(c, os, fds[1]);
	}
	setpgid(j->pid, j->pid);
	close(fds[1]);
	late = wait_main(j, c->seconds ? c->seconds : DEFAULT_SECONDS, &status);
	processes = end_group(j->pid);
	drain(j);
	if (j->len != 0)
		j->garbage = true;
	leaked = sweep(j);
	result->outcome = judge(j, status, late, leaked, processes);
	close(j->fd);
	free(j);
}
