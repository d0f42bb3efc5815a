/* SPDX-License-Identifier: BSD-3-Clause */
/* Executes this program again, natively or under an emulator. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *program, *backend, *mutant;
} self;

void ct_exec_as(const char *program, const char *backend, const char *mutant)
{
	self.program = program;
	self.backend = backend;
	self.mutant = mutant != NULL ? mutant : "";
}

_Noreturn static void exec_failed(struct ct *t)
{
	ct_unresolved(t, "cannot exec this program again: %s", strerror(errno));
}

static void link_of(const char *name, char *path, size_t size)
{
	ssize_t n = readlink(name, path, size - 1);

	path[n > 0 ? n : 0] = '\0';
}

/*
 * An emulator of user programs answers for this process alone that its file is
 * the program's; of the parent, which it runs too, the kernel tells the file of
 * the emulator.
 */
static const char *own_emulator(const char *program_file)
{
	static char path[512];
	char name[40];
	const char *last;

	snprintf(name, sizeof(name), "/proc/%ld/exe", (long)getppid());
	link_of(name, path, sizeof(path));
	last = strrchr(path, '/');
	return last != NULL && strncmp(last + 1, "qemu-", 5) == 0 &&
		       strcmp(path, program_file) != 0
		   ? path
		   : NULL;
}

_Noreturn void ct_exec_self(struct ct *t, const char *name, const char *fds,
			    const char *arg)
{
	const char *emulator = getenv("PIPC_EXEC"), *program = self.program;
	const char *backend = self.backend, *mutant = self.mutant;
	char path[512];

	link_of("/proc/self/exe", path, sizeof(path));
	if (emulator != NULL)
		execlp(emulator, emulator, program, "--program", name, fds,
		       backend, mutant, arg, (char *)NULL);
	else if ((emulator = own_emulator(path)) != NULL)
		execl(emulator, emulator, path, "--program", name, fds, backend,
		      mutant, arg, (char *)NULL);
	/* By the path first: under valgrind the link itself is not this one. */
	execl(path, program, "--program", name, fds, backend, mutant, arg,
	      (char *)NULL);
	execl("/proc/self/exe", program, "--program", name, fds, backend,
	      mutant, arg, (char *)NULL);
	execlp(program, program, "--program", name, fds, backend, mutant, arg,
	       (char *)NULL);
	exec_failed(t);
}
