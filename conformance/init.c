/* SPDX-License-Identifier: BSD-3-Clause */
/* What the first process of a kernel or of a container has to do. */
#include "init.h"

#include "os.h"
#include "start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif
#ifdef HAVE_SYS_REBOOT_H
#include <sys/reboot.h>
#endif

#define ARGUMENTS_FILE "/pipc.args"
#define DRAIN_SECONDS 10

static enum ct_first role; /* of this process, or of its parent's program */
static bool summary_follows;

/*
 * Linux: the first namespace of processes has a number that is part of the
 * ABI.  Where /proc is not mounted, or is another namespace's, or the kernel is
 * older than 3.8, process 2 tells: in the first namespace it is always the
 * kernel's kthreadd, which belongs to no session and no group.  A process 2 of
 * a container can look the same, but is a child of process 1.
 */
#ifdef __linux__
static bool is_machine(void)
{
	char space[64] = "";

	if (readlink("/proc/self/ns/pid", space, sizeof(space) - 1) > 0)
		return strcmp(space, "pid:[4026531836]") == 0;
	return kill(2, 0) == 0 && getpgid(2) == 0 && getsid(2) == 0 &&
	       waitpid(2, NULL, WNOHANG) == -1;
}
#else
static bool is_machine(void)
{
	return true; /* no other process of these systems has the number 1 */
}
#endif

enum ct_first ct_init_which(void)
{
	if (getpid() != 1)
		return CT_NOT_FIRST;
	return geteuid() == 0 && is_machine() ? CT_FIRST_OF_MACHINE
					      : CT_FIRST_OF_CONTAINER;
}

void ct_init_descriptors(void)
{
	int fd;

	/* Reading: what is written there fails, and is noticed. */
	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDONLY) < 0)
			return;
}

static void open_console(void)
{
	int console, fd;

	if (fcntl(1, F_GETFD) != -1 ||
	    (console = open("/dev/console", O_RDWR)) < 0)
		return;
	for (fd = 0; fd <= 2; fd++)
		dup2(console, fd);
	if (console > 2)
		close(console);
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
	if (!is_there("/dev/null"))
		mount_one("devtmpfs", "/dev", NULL);
	open_console();
	if (!is_there("/proc/self"))
		mount_one("proc", "/proc", NULL);
	if (!is_mounted("/dev/shm", "/dev"))
		mount_one("tmpfs", "/dev/shm", "mode=1777");
}
#else
void ct_init_mount(void)
{
	open_console();
}
#endif

/* Arguments that are collected; memory for them is never given back. */
struct list {
	char **word;
	int n;
};

static void add(struct list *list, char *word)
{
	char **more =
	    realloc(list->word, ((size_t)list->n + 2) * sizeof(*more));

	if (more == NULL || word == NULL) {
		fputs("first process: no memory for the arguments\n", stderr);
		return;
	}
	list->word = more;
	list->word[list->n++] = word;
	list->word[list->n] = NULL;
}

/* One option or value a line; # begins a comment. */
static void add_file(struct list *list, const char *name)
{
	FILE *f = fopen(name, "r");
	char line[4096];

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '\0' && line[0] != '#')
			add(list, strdup(line));
	}
	fclose(f);
}

static void add_text(struct list *list, const char *text)
{
	char *copy = strdup(text), *word;

	for (word = copy; word != NULL && *word != '\0'; word = copy) {
		word += strspn(word, " \t\n");
		copy = word + strcspn(word, " \t\n");
		if (*copy != '\0')
			*copy++ = '\0';
		if (*word != '\0')
			add(list, word);
	}
}

/* Before the first option: what the kernel did not know, or its boot flags. */
static bool is_kernels(const char *word)
{
#ifndef __linux__
	if (word[0] == '-' && word[1 + strspn(word + 1, "-abCdsv")] == '\0')
		return true;
#endif
	return word[0] != '-';
}

char **ct_init_words(int *argc, char **argv, const char *file, const char *text)
{
	struct list list = {NULL, 0};
	int i, first = 1;

	add(&list, argv[0]);
	if (file != NULL)
		add_file(&list, file);
	if (text != NULL)
		add_text(&list, text);
	while (first < *argc && is_kernels(argv[first]))
		first++;
	if (first > 1) {
		fputs("# words of the kernel's command line, ignored:", stdout);
		for (i = 1; i < first; i++)
			printf(" %s", argv[i]);
		putchar('\n');
	}
	for (i = first; i < *argc; i++)
		add(&list, argv[i]);
	*argc = list.n;
	return list.word;
}

static void on_alarm(int signo)
{
	(void)signo;
}

/* A terminal that takes nothing more (flow control) must not hold us up. */
static void drain(int fd)
{
	struct sigaction action = {.sa_handler = on_alarm}, before;

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, &before);
	alarm(DRAIN_SECONDS);
	if (tcdrain(fd) != 0 && errno == ENOTTY)
		fsync(fd);
	alarm(0);
	sigaction(SIGALRM, &before, NULL);
}

void ct_init_drain(int fd)
{
	if (role == CT_FIRST_OF_MACHINE)
		drain(fd);
}

bool ct_init_wants_summary(void)
{
	if (role != CT_NOT_FIRST)
		summary_follows = true;
	return role != CT_NOT_FIRST;
}

static void power_off(void)
{
#ifdef HAVE_SYS_REBOOT_H
#if defined(RB_POWER_OFF)
	reboot(RB_POWER_OFF);
#elif defined(RB_POWERDOWN) && defined(RB_STRING)
	reboot(RB_HALT | RB_POWERDOWN, NULL); /* NetBSD has a second argument */
#elif defined(RB_POWERDOWN)
	reboot(RB_HALT | RB_POWERDOWN);
#elif defined(RB_POWEROFF)
	reboot(RB_HALT | RB_POWEROFF);
#endif
#endif
	fprintf(stderr, "first process: cannot power off: %s\n",
		strerror(errno));
}

void ct_init_end(void)
{
	bool machine = role == CT_FIRST_OF_MACHINE;

	fflush(NULL);
	if (machine) {
		kill(-1, SIGKILL);
		drain(1);
		drain(2);
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (!machine)
		return;
	sync();
	power_off();
}

/* Signals that end a run: the first process hands them on to it. */
static const int handed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
enum { HANDED_ON = sizeof(handed_on) / sizeof(handed_on[0]) };
static volatile pid_t running;

static void hand_on(int signo)
{
	kill(running, signo);
}

/* Waits for the program, and for every orphan meanwhile. */
static int reap_until(pid_t pid)
{
	int status = 0, signo;
	pid_t one;

	do
		one = waitpid(-1, &status, 0);
	while (one != pid && (one > 0 || errno == EINTR));
	if (one != pid)
		return 1;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	signo = WTERMSIG(status);
	fprintf(stderr,
		"first process: the program was killed by signal %d "
		"(%s)\n",
		signo, strsignal(signo));
	if (role == CT_FIRST_OF_MACHINE)
		printf("# status %d\n", 128 + signo);
	return 128 + signo;
}

/* In the process of the program: a child, or where nothing is special. */
static int run_program(int argc, char **argv,
		       int (*program)(int argc, char **argv))
{
	int status;

	ct_init_descriptors();
	status = ct_start(argc, argv) ? program(argc, argv) : 2;
	if (role == CT_FIRST_OF_MACHINE && !summary_follows)
		printf("# status %d\n", status);
	return status;
}

/* In a child, if there can be one: a crash of process 1 ends the machine. */
static int run_in_child(int argc, char **argv,
			int (*program)(int argc, char **argv), bool *child)
{
	struct sigaction action = {.sa_handler = hand_on}, before;
	sigset_t all, mask;
	pid_t pid;
	int i;

	fflush(NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, a child's status would be lost */
	sigemptyset(&action.sa_mask);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid = fork();
	for (i = 0; pid > 0 && i < HANDED_ON; i++) {
		sigdelset(&mask, handed_on[i]);
		if (sigaction(handed_on[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(handed_on[i], &action, NULL);
	}
	running = pid;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (pid > 0)
		return reap_until(pid);
	*child = pid == 0;
	return run_program(argc, argv, program);
}

int ct_init_run(int argc, char **argv, int (*program)(int argc, char **argv))
{
	bool child = false;
	int status;

	role = ct_init_which();
	if (role == CT_NOT_FIRST)
		return run_program(argc, argv, program);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (role == CT_FIRST_OF_MACHINE) {
		ct_init_mount();
		argv = ct_init_words(&argc, argv, ARGUMENTS_FILE,
				     getenv("PIPC_ARGS"));
	}
	status = run_in_child(argc, argv, program, &child);
	if (!child)
		ct_init_end();
	return status;
}
