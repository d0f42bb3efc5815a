/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation's descriptors that tell of messages. */
#include "check_ref.h"

#include <poll.h>

#if defined(HAVE_SYS_INOTIFY_H) || defined(HAVE_KQUEUE)

static mqd_t q;

static bool readable_fd(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(poll(&p, 1, 0), 0);
	return p.revents == POLLIN;
}

/* As a program sees it that keeps the descriptor. */
static int event;
static bool readable(void)
{
	return readable_fd(event);
}

static void watched_queue(void)
{
	make_directory();
	q = a_queue("/q", 4, 4096);
	event = ref_mq_event_fd(q);
	ck_assert_msg(event >= 0, "%s", strerror(errno));
}

static bool sends_text(mqd_t mqd, const char *text)
{
	struct timespec now = {0, 0};

	return ref_mq_timedsend(mqd, text, strlen(text), 0, &now) == 0;
}

static bool sends(void *arg)
{
	return sends_text(*(mqd_t *)arg, "x");
}

static bool receives(void *arg)
{
	struct timespec now = {0, 0};
	char msg[4096];

	return ref_mq_timedreceive(*(mqd_t *)arg, msg, sizeof(msg), NULL,
				   &now) >= 0;
}

/* By this process or by another one; long messages are copied unlocked. */
static bool does(bool (*call)(void *arg), bool elsewhere)
{
	return elsewhere ? in_child(call, &q) : call(&q);
}

START_TEST(is_readable_while_there_are_messages)
{
	int round;

	ck_assert(!readable());
	for (round = 0; round < 3; round++) {
		ck_assert(does(sends, _i));
		ck_assert(readable());
		ck_assert(does(sends, _i));
		ck_assert(receives(&q));
		ck_assert(readable());
		ck_assert(receives(&q));
		ck_assert(!readable());
		ck_assert(!receives(&q));
		ck_assert(!readable());
	}
}
END_TEST

START_TEST(long_messages)
{
	static char msg[4096];

	mapping_of(q)->queue->gate.cpu[0] = UINT32_MAX;
	mapping_of(q)->queue->gate.cpu[1] = UINT32_MAX;
	ck_assert_int_eq(ref_mq_send(q, msg, sizeof(msg), 0), 0);
	ck_assert(readable());
	mapping_of(q)->queue->gate.cpu[0] = UINT32_MAX;
	mapping_of(q)->queue->gate.cpu[1] = UINT32_MAX;
	ck_assert(receives(&q));
	ck_assert(!readable());
}
END_TEST

/* It is readable for nothing until this process looks. */
START_TEST(others_take_the_last_message)
{
	struct pollfd p = {.fd = event, .events = POLLIN};

	ck_assert(sends(&q));
	ck_assert(does(receives, true));
	if (_i == 0)
		ck_assert(!receives(&q));
	else if (_i == 1)
		ck_assert_int_eq(count_of(q), 0);
	else if (_i == 2)
		ck_assert_int_eq(ref_mq_event_fd(q), event);
	else
		ref_event_settle(mapping_of(q));
	ck_assert(!readable());
	/* Nor has a wait an end, until there is one again. */
	ck_assert_int_eq(poll(&p, 1, 20), 0);
	ck_assert(does(sends, true));
	ck_assert(readable());
}
END_TEST

/* Messages that are there already. */
START_TEST(asked_late)
{
	mqd_t late = a_queue("/late", 4, 8);

	ck_assert(sends_text(late, "1"));
	event = ref_mq_event_fd(late);
	ck_assert(readable());
	ck_assert_int_eq(ref_mq_event_fd(late), event);
	ck_assert(readable());
}
END_TEST

static void sends_second(struct call *c)
{
	c->result = ref_mq_send(c->mqd, "2", 1, 0);
}

/* The message of a sender that waited. */
START_TEST(let_in)
{
	struct call c = {.mqd = a_queue("/one", 1, 4096)};

	event = ref_mq_event_fd(c.mqd);
	ck_assert(sends_text(c.mqd, "1"));
	start_call(&c, sends_second);
	await_waiters(&mapping_of(c.mqd)->waits, 1);
	ck_assert(receives(&c.mqd));
	ck_assert(readable());
	end_call(&c);
	ck_assert(receives(&c.mqd));
	ck_assert(!readable());
}
END_TEST

static bool is_told(void *arg)
{
	int fd = ref_mq_event_fd(*(mqd_t *)arg);
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return fd >= 0 && poll(&p, 1, 20000) == 1;
}

/* All of them; and none is missed when it has ended. */
START_TEST(many_watch)
{
	pid_t pids[6];
	unsigned i;

	for (i = 0; i < 6; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			q = ref_mq_open("/q", O_RDWR, 0, NULL);
			_exit(!is_told(&q));
		}
	}
	ck_assert(sends(&q));
	for (i = 0; i < 6; i++)
		ck_child(pids[i]);
}
END_TEST

/* A watcher that was killed costs the others one announcement. */
START_TEST(watcher_is_killed)
{
	pid_t pid = fork();

	if (pid == 0) {
		ck_assert_int_ge(ref_mq_event_fd(q), 0);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(mapping_of(q)->queue->watched);
	ck_assert_int_eq(ref_mq_close(q), 0);
	q = ref_mq_open("/q", O_RDWR, 0, NULL);
	ck_assert(sends(&q));
	ck_assert(!mapping_of(q)->queue->watched);
	ck_assert(receives(&q));
	ck_assert(!mapping_of(q)->queue->watched);
}
END_TEST

/* A sender is killed before it can tell: whoever comes next does. */
START_TEST(sender_is_killed)
{
	struct ref_mapping *m = mapping_of(q);
	pid_t pid = fork();
	uint32_t slot;

	if (pid == 0) {
		ck_assert(ref_enter(&m->waits, &section));
		slot = ref_queue_reserve(m, 0);
		ref_queue_fill(m, slot, "x", 1, 0);
		ref_queue_commit(m, slot);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!readable());
	ck_assert_int_eq(count_of(q), 1);
	ck_assert(readable());
}
END_TEST

/* A message that was offered to one who has left comes back. */
START_TEST(an_offer_comes_back)
{
	struct ref_mapping *m = mapping_of(q);
	pid_t pid = fork();

	if (pid == 0) {
		char msg[4096];

		ref_mq_receive(q, msg, sizeof(msg), NULL);
		_exit(1);
	}
	await_waiters(&m->waits, 1);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	ck_assert(sends(&q));
	ck_assert(!readable());
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	m->waits.gate->offered -= 1000; /* long ago */
	ref_take_back(&m->waits);
	ck_assert(readable());
	ck_assert(receives(&q));
	ck_assert(!readable());
}
END_TEST

/* The one request for notification is not taken by it. */
START_TEST(beside_a_notification)
{
	struct sigevent nothing = {.sigev_notify = SIGEV_NONE};

	ck_assert_int_eq(ref_mq_notify(q, &nothing), 0);
	ck_assert(does(sends, _i));
	ck_assert(readable());
	ck_assert_uint_eq(mapping_of(q)->queue->armed, 0);
	ck_assert(receives(&q));
	ck_assert(!readable());
	ck_assert_int_eq(ref_mq_notify(q, &nothing), 0);
	ck_assert(!readable());
	ck_assert_int_eq(ref_mq_notify(q, NULL), 0);
	ck_assert(does(sends, _i));
	ck_assert(readable());
}
END_TEST

/* Until the queue is closed for the last time here; nothing is left open. */
START_TEST(ends_with_the_queue)
{
	mqd_t other = ref_mq_open("/q", O_RDWR, 0, NULL);
	int low = dup(0);

	ck_assert_int_eq(ref_mq_event_fd(other), event);
	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert(sends(&other));
	ck_assert(readable());
	ck_assert_int_eq(ref_mq_close(other), 0);
	ck_assert_int_eq(fcntl(event, F_GETFD), -1);
	close(low);
	ck_assert_int_eq(dup(0), (int)(intptr_t)q);
	ck_errno(ref_mq_event_fd(other) >= 0, EBADF);
}
END_TEST

/* Somebody closes what is not his: its number is another's then. */
START_TEST(is_closed_by_others)
{
	int pipes[2], low;

	close(event);
	ck_assert_int_eq(pipe(pipes), 0);
	low = dup2(pipes[0], event);
	ck_assert_int_eq(low, event);
	ck_assert_int_eq(write(pipes[1], "abc", 3), 3);
	ck_assert(sends(&q));
	ck_assert(receives(&q));
	ck_assert(!receives(&q));
	ck_assert(readable_fd(pipes[0]));
	event = ref_mq_event_fd(q);
	ck_assert_int_ne(event, low);
	ck_assert(sends(&q));
	ck_assert(readable());
	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert(readable_fd(low));
}
END_TEST

/* Files may have no length at all: no signal, and it is told all the same. */
static bool sends_unlimited(void *arg)
{
	struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_FSIZE, &none) == 0 && sends(arg);
}

START_TEST(file_size_limit)
{
	ck_assert(in_child(sends_unlimited, &q));
	ck_assert(readable());
}
END_TEST

/* What a forked process does with it. */
static bool sees_it(void *arg)
{
	(void)arg;
	event = ref_mq_event_fd(q);
	return readable() && receives(&q) && !readable() && sends(&q) &&
	       readable();
}

START_TEST(in_a_forked_process)
{
	ck_assert(sends(&q));
	ck_assert(in_child(sees_it, NULL));
	ck_assert(readable());
	ck_assert(receives(&q));
	ck_assert(!readable());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref events");
	TCase *tc = tcase_create("events");

	tcase_add_checked_fixture(tc, watched_queue, remove_directory);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, is_readable_while_there_are_messages, 0, 2);
	tcase_add_test(tc, long_messages);
	tcase_add_loop_test(tc, others_take_the_last_message, 0, 4);
	tcase_add_test(tc, asked_late);
	tcase_add_test(tc, let_in);
	tcase_add_test(tc, many_watch);
	tcase_add_test(tc, watcher_is_killed);
	tcase_add_test(tc, sender_is_killed);
	tcase_add_test(tc, an_offer_comes_back);
	tcase_add_loop_test(tc, beside_a_notification, 0, 2);
	tcase_add_test(tc, ends_with_the_queue);
	tcase_add_test(tc, is_closed_by_others);
	tcase_add_test(tc, file_size_limit);
	tcase_add_test(tc, in_a_forked_process);
	return run_suite(suite);
}

#else

int main(void)
{
	return 77;
}

#endif
