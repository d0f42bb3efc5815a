/* SPDX-License-Identifier: BSD-3-Clause */
/* What the first process of a new kernel has to see to. */
#include "init.h"

#include "os.h"
#include "start.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif
#ifdef HAVE_SYS_REBOOT_H
#include <sys/reboot.h>
#endif

void ct_init_descriptors(void)
{
	int fd;

	/* Reading: what is written there fails, and is noticed. */
	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDONLY) < 0)
			return;
}

#if defined(HAVE_SYS_MOUNT_H) && defined(MS_NOSUID)
static void mount_one(const char *type, const char *where, const char *options)
{
	mkdir(where, 0755);
	if (mount(type, where, type, MS_NOSUID, options) == 0)
		printf("# mounted %s on %s\n", type, where);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Is something mounted there?  Its device is not its parent's. */
static bool is_mounted(const char *path, const char *parent)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(parent, &b) == 0 &&
	       a.st_dev != b.st_dev;
}

void ct_init_mount(void)
{
	int console;

	if (!is_there("/dev/null"))
		mount_one("devtmpfs", "/dev", NULL);
	if (fcntl(1, F_GETFD) == -1 &&
	    (console = open("/dev/console", O_RDWR)) >= 0) {
		dup2(console, 0);
		dup2(console, 1);
		dup2(console, 2);
	}
	if (!is_there("/proc/self"))
		mount_one("proc", "/proc", NULL);
	if (!is_mounted("/dev/shm", "/dev"))
		mount_one("tmpfs", "/dev/shm", "mode=1777");
}

/* Is this the machine's first process, and not that of a namespace? */
static bool is_real(void)
{
	char space[64] = "";
	ssize_t n = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);

	return n <= 0 || strcmp(space, "pid:[4026531836]") == 0;
}
#else
void ct_init_mount(void)
{
}

static bool is_real(void)
{
	return true;
}
#endif

void ct_init_end(void)
{
	fflush(NULL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (!is_real())
		return;
	sync();
#if defined(HAVE_SYS_REBOOT_H) && defined(RB_POWER_OFF)
	reboot(RB_POWER_OFF);
#endif
}

/* Words that the kernel's command line leaves over are not ours. */
static int without_words(int argc, char **argv)
{
	int i, n = 1;

	for (i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			argv[n++] = argv[i];
	argv[n] = NULL;
	return n;
}

int ct_init_run(int argc, char **argv, int (*program)(int argc, char **argv))
{
	bool first = getpid() == 1;
	int status;

	if (first) {
		ct_init_mount();
		argc = without_words(argc, argv);
	}
	ct_init_descriptors();
	status = ct_start(argc, argv) ? program(argc, argv) : 2;
	if (first)
		ct_init_end();
	return status;
}
