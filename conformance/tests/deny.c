/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * deny ERRNO|SIGSYS FIRST-CALL... -- COMMAND: runs a command to which some
 * system calls answer otherwise, as on kernels that lack or forbid them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LINUX_SECCOMP_H
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
    {"mq_open", SYS_mq_open},
    {"mq_unlink", SYS_mq_unlink},
    {"mq_timedsend", SYS_mq_timedsend},
    {"mq_timedreceive", SYS_mq_timedreceive},
    {"mq_notify", SYS_mq_notify},
    {"mq_getsetattr", SYS_mq_getsetattr},
};

static unsigned answer(const char *word)
{
	if (strcmp(word, "ENOSYS") == 0)
		return SECCOMP_RET_ERRNO | ENOSYS;
	if (strcmp(word, "EPERM") == 0)
		return SECCOMP_RET_ERRNO | EPERM;
	if (strcmp(word, "EACCES") == 0)
		return SECCOMP_RET_ERRNO | EACCES;
	if (strcmp(word, "SIGSYS") == 0)
		return SECCOMP_RET_TRAP;
	fprintf(stderr, "deny: no such answer '%s'\n", word);
	exit(2);
}

/* Does the list "mq" or "mq_notify" name that call? */
static int named(const char *list, const char *name)
{
	return strcmp(list, "mq") == 0 || strcmp(list, name) == 0;
}

static void install(unsigned result, const char *list)
{
	struct sock_filter code[2 * 6 + 2];
	struct sock_fprog program = {.filter = code};
	size_t i;

	code[program.len++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!named(list, calls[i].name))
			continue;
		code[program.len++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
		code[program.len++] =
		    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result);
	}
	code[program.len++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("deny: seccomp");
		exit(77);
	}
}
#endif

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr,
			"usage: deny ERRNO|SIGSYS mq|CALL COMMAND...\n");
		return 2;
	}
#ifdef HAVE_LINUX_SECCOMP_H
	install(answer(argv[1]), argv[2]);
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 2;
#else
	fprintf(stderr, "%s: no seccomp here\n", argv[0]);
	return 77;
#endif
}
