/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Says once, on the standard error, when the names of POSIX are not this
 * library's: it was loaded after the C library, by a module of a program that
 * does not have it.  Some calls would be the system's then, and others ours.
 */
#include "next.h"

#include <string.h>

/* The system's headers may have none of these. */
int mq_unlink(const char *name);
int sem_unlink(const char *name);

static const char probe[] = ""; /* no name, for whoever gets it */
static unsigned reached;

bool loaded_probe(const char *name)
{
	if (name != probe)
		return false;
	reached++;
	return true;
}

static void warn(void)
{
	static const char text[] =
	    "libpipc-posix: the calls sem_*, shm_* and mq_* of this program "
	    "are the system's and not this library's, which was loaded after "
	    "the C library; preload it (LD_PRELOAD=libpipc-posix.so), link the "
	    "program itself with it, or load what needs it with RTLD_DEEPBIND "
	    "(PIPC_POSIX_QUIET=1 leaves this out).\n";
	const char *quiet = pipc__getenv("PIPC_POSIX_QUIET");

	if (quiet == NULL || strcmp(quiet, "1") != 0)
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
}

/*
 * By calls, and not by comparing addresses: that of a function may be one in
 * the program.  The C library takes no call for an empty name to the system.
 */
__attribute__((constructor)) static void look_who_is_called(void)
{
	int error = errno;

	mq_unlink(probe);
	sem_unlink(probe);
	if (reached != 2)
		warn();
	errno = error;
}
