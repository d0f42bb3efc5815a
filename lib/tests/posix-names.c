/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program as one writes them for the system's own calls, to be run over
 * libpipc-posix: its descriptors are those of any file, its unnamed semaphores
 * and its signals are the system's.  PIPC_REF_DIR says where its queues are.
 *
 * posix-names close N    calls close() N times, to count instructions
 */
#include "posix/names.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

/* Where a system deprecates these names, the library still has them. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static int tests, failures;
static char name[16], program[4096];
static char buf[64];

#define CHECK(truth) check((truth), #truth, __LINE__)
static void check(bool truth, const char *text, int line)
{
	if (truth)
		return;
	printf("# line %d: %s: does not hold (errno %d)\n", line, text, errno);
	failures++;
}

static void test(const char *text, void (*run)(void))
{
	int before = failures;

	run();
	printf("%sok %d - %s\n", failures == before ? "" : "not ", ++tests,
	       text);
	fflush(stdout);
}

static mqd_t create(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	mqd_t q = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);

	CHECK(q != (mqd_t)-1);
	CHECK(mq_unlink(name) == 0);
	return q;
}

/* A queue's descriptor is a file's, also where mqd_t is a pointer. */
static int fd_of(mqd_t q)
{
	return (int)(intptr_t)q;
}

static mqd_t queue_of(int fd)
{
	return (mqd_t)(intptr_t)fd;
}

static mqd_t open_file(void)
{
	return queue_of(open("/dev/null", O_RDWR));
}

static mqd_t dup_of(mqd_t q)
{
	return queue_of(dup(fd_of(q)));
}

static mqd_t dup_to(mqd_t from, mqd_t to)
{
	return queue_of(dup2(fd_of(from), fd_of(to)));
}

static int close_fd(mqd_t q)
{
	return close(fd_of(q));
}

static bool send_to(mqd_t q, const char *text)
{
	return mq_send(q, text, strlen(text) + 1, 0) == 0;
}

static bool receives(mqd_t q, const char *text)
{
	return mq_receive(q, buf, sizeof(buf), NULL) ==
		   (ssize_t)strlen(text) + 1 &&
	       strcmp(buf, text) == 0;
}

static bool no_queue(mqd_t q)
{
	struct mq_attr attr;

	errno = 0;
	return mq_getattr(q, &attr) == -1 && errno == EBADF;
}

/* The status of a child that ends with what it finds. */
static bool child(bool (*finds)(mqd_t), mqd_t q)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(finds(q) ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool there(const char *kind)
{
	const char *directory = getenv("PIPC_REF_DIR");
	char path[4200];
	struct stat st;

	snprintf(path, sizeof(path), "%s/pipc.%s.%s",
		 directory != NULL ? directory : "/dev/shm", kind, name + 1);
	return stat(path, &st) == 0;
}

static void objects_are_files(void)
{
	mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, NULL);
	sem_t *s = sem_open(name, O_CREAT, 0600, 3);
	int fd = shm_open(name, O_CREAT | O_RDWR, 0600), value = 0;

	CHECK(q != (mqd_t)-1 && s != SEM_FAILED && fd >= 0);
	CHECK(there("q") && there("s") && there("m"));
	CHECK(sem_open(name, 0) == s);
	CHECK(sem_getvalue(s, &value) == 0 && value == 3);
	CHECK(sem_close(s) == 0 && sem_close(s) == 0 && sem_close(s) == -1);
	CHECK(mq_close(q) == 0 && close(fd) == 0);
	CHECK(mq_unlink(name) == 0 && sem_unlink(name) == 0);
	CHECK(shm_unlink(name) == 0);
	CHECK(!there("q") && !there("s") && !there("m"));
}

#ifdef __linux__
/* Linux's C libraries take names without a slash, or with more of them. */
static void slashes_in_front(void)
{
	char more[32];
	sem_t *s;
	int fd;

	snprintf(more, sizeof(more), "//%s", name);
	s = sem_open(name + 1, O_CREAT, 0600, 3);
	CHECK(s != SEM_FAILED && there("s"));
	CHECK(sem_open(name, 0) == s && sem_open(more, 0) == s);
	CHECK(sem_unlink(more) == 0 && !there("s"));
	CHECK(sem_close(s) == 0 && sem_close(s) == 0 && sem_close(s) == 0);
	fd = shm_open(more, O_CREAT | O_RDWR, 0600);
	CHECK(fd >= 0 && there("m") && close(fd) == 0);
	CHECK(shm_unlink(name + 1) == 0 && !there("m"));
	CHECK(mq_open(more, O_CREAT | O_RDWR, 0600, NULL) == (mqd_t)-1 &&
	      errno == EACCES);
}
#endif

/* With _FORTIFY_SOURCE this is another function. */
static void two_arguments(void)
{
	volatile int flags = O_RDONLY;
	mqd_t q;

	CHECK(mq_open(name, flags) == (mqd_t)-1 && errno == ENOENT);
	CHECK(mq_close(mq_open(name, O_CREAT | O_RDWR, 0600, NULL)) == 0);
	q = mq_open(name, flags);
	CHECK(q != (mqd_t)-1 && !send_to(q, "x") && errno == EBADF);
	CHECK(mq_close(q) == 0 && mq_unlink(name) == 0);
}

static void dup_is_the_same_queue(void)
{
	mqd_t q = create(), twin = dup_of(q);
	struct mq_attr attr = {.mq_flags = O_NONBLOCK};

	CHECK(send_to(twin, "a") && receives(q, "a"));
	CHECK(mq_setattr(twin, &attr, NULL) == 0);
	CHECK(!receives(q, "") && errno == EAGAIN);
	CHECK(close_fd(q) == 0 && no_queue(q) && close_fd(q) == -1);
	CHECK(send_to(twin, "b") && receives(twin, "b"));
	CHECK(mq_close(twin) == 0 && no_queue(twin));
}

static void dup2_takes_its_place(void)
{
	mqd_t q = create(), other = create(), file = open_file();

	CHECK(send_to(q, "q") && send_to(other, "other"));
	CHECK(dup_to(q, q) == q && dup_to(q, other) == other);
	CHECK(receives(other, "q"));
	CHECK(dup_to(file, other) == other && no_queue(other));
	CHECK(dup2(-1, fd_of(q)) == -1 && send_to(q, "q"));
	CHECK(dup_to(q, file) == file && receives(file, "q"));
#ifdef HAVE_DUP3
	CHECK(dup3(fd_of(q), fd_of(other), O_CLOEXEC) == fd_of(other) &&
	      send_to(other, "3"));
	CHECK(dup3(fd_of(q), fd_of(q), 0) == -1 && receives(q, "3"));
#endif
	CHECK(close_fd(q) == 0 && close_fd(file) == 0 && close_fd(other) == 0);
}

static void a_number_is_used_again(void)
{
	mqd_t q = create(), file;

	CHECK(close_fd(q) == 0);
	file = open_file();
	CHECK(file == q && no_queue(q) && close_fd(file) == 0);
	CHECK(create() == q && close_fd(q) == 0);
}

/* Also where nobody sees it close: what is opened next is what counts. */
static void a_number_is_lost(void)
{
	mqd_t q = create(), twin = dup_of(q), next;
	FILE *stream = fdopen(fd_of(q), "r");

	CHECK(send_to(q, "old") && stream != NULL && fclose(stream) == 0);
	next = create();
	CHECK(next == q && send_to(next, "new") && receives(next, "new"));
	CHECK(receives(twin, "old"));
	CHECK(mq_close(next) == 0 && mq_close(twin) == 0);
}

#ifdef HAVE_CLOSE_RANGE
/* A queue's number that dup() gives again is the other queue's. */
static void ranges_are_closed(void)
{
	mqd_t q = create(), other = create();

	CHECK(send_to(q, "q") &&
	      close_range((unsigned)fd_of(q), (unsigned)fd_of(q), 0) == 0);
	CHECK(no_queue(q) && dup_of(other) == q && send_to(q, "other"));
	CHECK(receives(other, "other") && mq_close(q) == 0);
#ifdef HAVE_CLOSEFROM
	CHECK(dup2(fd_of(other), 200) == 200);
	closefrom(200);
	CHECK(no_queue(queue_of(200)));
#endif
	CHECK(mq_close(other) == 0);
}
#endif

/* Closed by a system call, which nobody sees. */
static void a_close_is_not_seen(void)
{
#ifdef SYS_close
	mqd_t q = create(), other = create();
	struct mq_attr attr = {.mq_maxmsg = 0};

	CHECK(syscall(SYS_close, fd_of(q)) == 0 && no_queue(q));
	q = create();
	CHECK(send_to(q, "q") && syscall(SYS_close, fd_of(q)) == 0);
	CHECK(fcntl(fd_of(other), F_DUPFD, fd_of(q)) == fd_of(q));
	CHECK(mq_getattr(q, &attr) == 0 && attr.mq_curmsgs == 0);
	CHECK(send_to(q, "other") && receives(other, "other"));
	CHECK(syscall(SYS_close, fd_of(q)) == 0 && dup_of(other) == q);
	CHECK(send_to(q, "again") && receives(other, "again"));
	CHECK(mq_close(q) == 0 && mq_close(other) == 0);
#endif
}

union rights {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static bool pass(int through, int fd, bool sends)
{
	union rights rights;
	char byte = 'x';
	struct iovec data = {&byte, 1};
	struct msghdr msg = {.msg_iov = &data,
			     .msg_iovlen = 1,
			     .msg_control = &rights,
			     .msg_controllen = sizeof(rights)};
	struct cmsghdr *c;

	if (!sends)
		return recvmsg(through, &msg, 0) == 1;
	memset(&rights, 0, sizeof(rights));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(through, &msg, 0) == 1;
}

static void a_socket_brings_one(void)
{
#ifdef SYS_close
	mqd_t q, other;
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	q = create();
	other = create();
	CHECK(pass(ends[0], fd_of(other), true));
	CHECK(send_to(q, "q") && syscall(SYS_close, fd_of(q)) == 0);
	CHECK(pass(ends[1], -1, false)); /* as the same number */
	CHECK(send_to(q, "other") && receives(other, "other"));
	CHECK(mq_close(q) == 0 && mq_close(other) == 0);
	CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
#endif
}

static volatile bool used_enough;
static void *uses(void *arg)
{
	mqd_t q = *(mqd_t *)arg;
	char msg[16];

	while (!used_enough)
		if (mq_send(q, "x", 1, 0) != 0 ||
		    mq_receive(q, msg, sizeof(msg), NULL) != 1)
			return NULL;
	return arg;
}

/* The child has the parent's memory, but descriptors of its own. */
static void a_vfork_child_closes(void)
{
	mqd_t q = create();
	pthread_t thread;
	void *result;
	int i, status;
	pid_t pid;

	pthread_create(&thread, NULL, uses, &q);
	for (i = 0; i < 50; i++) {
		pid = vfork();
		if (pid == 0) {
			close_fd(q);
			_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
	used_enough = true;
	pthread_join(thread, &result);
	CHECK(result == &q && mq_close(q) == 0);
}

static pthread_barrier_t both;
static mqd_t twice;
static void *closes(void *results)
{
	int *failed = results, i;

	for (i = 0; i < 2000; i++) {
		pthread_barrier_wait(&both);
		*failed += mq_close(twice) != 0;
		pthread_barrier_wait(&both);
	}
	return NULL;
}

/* A fault of the program's; one of them is told. */
static void two_threads_close(void)
{
	int failed = 0, others = 0, i;
	pthread_t thread;

	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&thread, NULL, closes, &others);
	for (i = 0; i < 2000; i++) {
		twice = create();
		pthread_barrier_wait(&both);
		failed += mq_close(twice) != 0;
		pthread_barrier_wait(&both);
	}
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&both);
	CHECK(failed + others == 2000);
}

static bool opens_as_another(mqd_t q)
{
	(void)q;
	return setgid(65534) == 0 && setuid(65534) == 0 &&
	       mq_open(name, O_RDWR) != (mqd_t)-1;
}

static void fchmod_counts(void)
{
	mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, NULL);

	CHECK(q != (mqd_t)-1);
	if (geteuid() == 0) {
		CHECK(!child(opens_as_another, q) &&
		      fchmod(fd_of(q), 0666) == 0);
		CHECK(child(opens_as_another, q) &&
		      fchmod(fd_of(q), 0644) == 0);
		CHECK(!child(opens_as_another, q));
	}
	CHECK(fchmod(-1, 0600) == -1 && errno == EBADF);
	CHECK(mq_close(q) == 0 && mq_unlink(name) == 0);
}

static bool talks_and_closes(mqd_t q)
{
	return receives(q, "to child") && send_to(q, "to parent") &&
	       mq_close(q) == 0 && no_queue(q);
}

static void a_child_inherits(void)
{
	mqd_t q = create();

	CHECK(send_to(q, "to child") && child(talks_and_closes, q));
	CHECK(receives(q, "to parent") && mq_close(q) == 0);
}

/* This program again, which answers for descriptor q: see main(). */
static bool executes(mqd_t q)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd_of(q));
	execl(program, program, "inherited", number, (char *)NULL);
	return false;
}

static bool executes_with(mqd_t q)
{
	return fcntl(fd_of(q), F_SETFD, 0) == 0 && executes(q);
}

static void exec_closes(void)
{
	mqd_t q = create();

	CHECK(fcntl(fd_of(q), F_GETFD) == FD_CLOEXEC && send_to(q, "kept"));
	CHECK(!child(executes, q) && child(executes_with, q));
	CHECK(receives(q, "answer") && mq_close(q) == 0);
}

static volatile sig_atomic_t signals;
static siginfo_t last;
static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	last = *info;
	signals++;
}

static bool ask(mqd_t q, int value)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1,
				 .sigev_value.sival_int = value};

	return mq_notify(q, &event) == 0;
}

static bool asks(mqd_t q)
{
	return ask(q, 0);
}

static bool sends(mqd_t q)
{
	return send_to(q, "wake");
}

static void signals_tell_of_messages(void)
{
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO};
	sigset_t usr1, before;
	mqd_t q = create();

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &before);
	sigaction(SIGUSR1, &action, NULL);
	CHECK(ask(q, 77) && send_to(q, "self"));
	sigsuspend(&before);
	CHECK(signals == 1 && last.si_code == SI_MESGQ);
	CHECK(last.si_value.sival_int == 77 && last.si_pid == getpid());
	CHECK(receives(q, "self") && ask(q, 78) && child(sends, q));
	sigsuspend(&before);
	CHECK(signals == 2 && last.si_code == SI_MESGQ);
	CHECK(last.si_value.sival_int == 78 && last.si_pid != getpid());
	CHECK(last.si_uid == getuid() && receives(q, "wake"));
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGUSR1, SIG_DFL);
	CHECK(mq_close(q) == 0);
}

static void closing_ends_a_request(void)
{
	mqd_t q = create(), twin = dup_of(q), file = open_file();

	CHECK(child(asks, twin) && ask(q, 0));
	CHECK(!child(asks, twin) && close_fd(q) == 0 && child(asks, twin));
	q = dup_of(twin);
	CHECK(ask(q, 0) && !child(asks, twin));
	CHECK(dup_to(file, q) == q && child(asks, twin));
	CHECK(close_fd(file) == 0 && close_fd(q) == 0 && mq_close(twin) == 0);
}

#ifdef __linux__
static bool leaves_main(mqd_t q)
{
	if (!ask(q, 0))
		return false;
	pthread_exit(NULL);
}

/* A request is not a thread of the program's: the process ends, with 0. */
static void a_request_keeps_no_process(void)
{
	mqd_t q = create();

	CHECK(child(leaves_main, q) && mq_close(q) == 0);
}
#endif

static sem_t *unnamed;
static void post(int signo)
{
	(void)signo;
	sem_post(unnamed);
}

static bool posts(mqd_t unused)
{
	return unused == queue_of(0) && sem_post(unnamed) == 0;
}

static void *posts_in_thread(void *sem)
{
	return sem_post(sem) == 0 ? sem : NULL;
}

static sem_t sides[2];
static void *answers(void *unused)
{
	int i;

	for (i = 0; i < 1000; i++)
		if (sem_wait(&sides[0]) != 0 || sem_post(&sides[1]) != 0)
			break;
	return unused;
}

static void two_threads_take_turns(void)
{
	pthread_t thread;
	int i;

	CHECK(sem_init(&sides[0], 0, 0) == 0 && sem_init(&sides[1], 0, 0) == 0);
	pthread_create(&thread, NULL, answers, NULL);
	for (i = 0; i < 1000; i++)
		if (sem_post(&sides[0]) != 0 || sem_wait(&sides[1]) != 0)
			break;
	CHECK(i == 1000);
	pthread_join(thread, NULL);
	CHECK(sem_destroy(&sides[0]) == 0 && sem_destroy(&sides[1]) == 0);
}

static void unnamed_semaphores_work(void)
{
	struct timespec past = {1, 0};
	pthread_t thread;
	void *result;
	int value;

	unnamed = mmap(NULL, sizeof(*unnamed), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(sem_init(unnamed, 1, 1) == 0 && sem_wait(unnamed) == 0);
	CHECK(sem_trywait(unnamed) == -1 && errno == EAGAIN);
	CHECK(sem_timedwait(unnamed, &past) == -1 && errno == ETIMEDOUT);
	CHECK(child(posts, queue_of(0)) && sem_wait(unnamed) == 0);
	pthread_create(&thread, NULL, posts_in_thread, unnamed);
	CHECK(sem_wait(unnamed) == 0);
	pthread_join(thread, &result);
	CHECK(result == unnamed);
	signal(SIGUSR1, post);
	CHECK(raise(SIGUSR1) == 0);
	signal(SIGUSR1, SIG_DFL);
	CHECK(sem_getvalue(unnamed, &value) == 0 && value == 1);
#ifdef HAVE_SEM_CLOCKWAIT
	CHECK(sem_clockwait(unnamed, CLOCK_MONOTONIC, &past) == 0);
	CHECK(sem_clockwait(unnamed, CLOCK_MONOTONIC, &past) == -1 &&
	      errno == ETIMEDOUT);
#endif
	CHECK(sem_destroy(unnamed) == 0);
}

static void deadlines_pass(void)
{
	struct timespec past = {1, 0}, far = {0x7fffffff, 0};
	mqd_t q = create();

	CHECK(mq_timedreceive(q, buf, sizeof(buf), NULL, &past) == -1 &&
	      errno == ETIMEDOUT);
#if defined(_TIME_BITS) && _TIME_BITS == 64
	far.tv_sec = 0x7fffffffffffffff;
#endif
	CHECK(mq_timedsend(q, "far", 4, 9, &far) == 0);
	CHECK(mq_timedreceive(q, buf, sizeof(buf), NULL, &far) == 4);
	CHECK(mq_close(q) == 0);
}

static int inherited(mqd_t q)
{
	return receives(q, "kept") && send_to(q, "answer") ? 0 : 1;
}

static mqd_t ticked;
static volatile sig_atomic_t ticks, bad_ticks;

static void tick(int signo)
{
	int error = errno;

	(void)signo;
	ticks++;
	if (mq_send(ticked, "tick", 4, 1) != 0 && errno != EAGAIN)
		bad_ticks++;
	errno = error;
}

/* Installed when the queue is in use already, in each way that there is. */
static void handlers_use_the_queue(void)
{
	const struct itimerval often = {{0, 100}, {0, 100}};
	const struct itimerval never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = tick}, before;
	struct mq_attr attr = {.mq_maxmsg = 8, .mq_msgsize = sizeof(buf)};
	time_t start = time(NULL);
	int i;

	ticked = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
	CHECK(ticked != (mqd_t)-1 && mq_unlink(name) == 0);
	CHECK(sigaction(SIGALRM, &action, &before) == 0);
	CHECK(signal(SIGALRM, tick) == tick);
	CHECK(sigaction(SIGALRM, NULL, &action) == 0);
	CHECK(action.sa_handler == tick && action.sa_flags & SA_RESTART);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (i = 0; i < 100000; i++) {
		mq_send(ticked, "x", 1, 0);
		while (mq_receive(ticked, buf, sizeof(buf), NULL) >= 0)
			continue;
		CHECK(errno == EAGAIN);
	}
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(sigaction(SIGALRM, &before, NULL) == 0);
	CHECK(ticks > 0 && bad_ticks == 0 && time(NULL) - start < 20);
	CHECK(mq_close(ticked) == 0);
}

int main(int argc, char **argv)
{
	long n;

	if (argc == 3 && strcmp(argv[1], "inherited") == 0)
		return inherited(queue_of(atoi(argv[2])));
	if (argc == 3 && strcmp(argv[1], "close") == 0) {
		for (n = atol(argv[2]); n > 0; n--)
			close(250); /* of no open file */
		return 0;
	}
	snprintf(program, sizeof(program), "%s", argv[0]);
	snprintf(name, sizeof(name), "/n%ld", (long)getpid());
	test("objects are files of PIPC_REF_DIR", objects_are_files);
#ifdef __linux__
	test("no slash in front, or more than one", slashes_in_front);
#endif
	test("mq_open with two arguments", two_arguments);
	test("dup", dup_is_the_same_queue);
	test("dup2 and dup3", dup2_takes_its_place);
	test("a closed number is another's", a_number_is_used_again);
	test("also when closed by others", a_number_is_lost);
#ifdef HAVE_CLOSE_RANGE
	test("close_range and closefrom", ranges_are_closed);
#endif
	test("a close that is not seen", a_close_is_not_seen);
	test("a descriptor that a socket brings", a_socket_brings_one);
	test("a child of vfork closes", a_vfork_child_closes);
	test("two threads close", two_threads_close);
	test("fchmod", fchmod_counts);
	test("fork", a_child_inherits);
	test("exec", exec_closes);
	test("notification by signal", signals_tell_of_messages);
	test("handlers use the queue that they interrupt",
	     handlers_use_the_queue);
	test("close, dup2 and exit end a request", closing_ends_a_request);
#ifdef __linux__
	test("the main thread leaves", a_request_keeps_no_process);
#endif
	test("unnamed semaphores", unnamed_semaphores_work);
	test("unnamed semaphores of threads", two_threads_take_turns);
	test("deadlines", deadlines_pass);
	printf("1..%d\n", tests);
	return failures != 0;
}
