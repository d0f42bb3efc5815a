/* SPDX-License-Identifier: BSD-3-Clause */
/* To sleep until a word changes, and what is done before that. */
#include "check_ref.h"

static ref_word *word;

static void make_word(void)
{
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(word != MAP_FAILED);
	ref_word_init(word);
	ck_assert_uint_eq(word->value, 0);
}

static const struct ref_until forever = {NULL, CLOCK_REALTIME};

START_TEST(deadlines)
{
	struct timespec end = in_ms(10000);
	struct ref_until until = {&end, CLOCK_REALTIME};

	ck_assert_int_eq(ref_until_check(&forever), 0);
	ck_assert_int_eq(ref_until_check(&until), 0);
	until.clock = CLOCK_MONOTONIC;
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_eq(ref_until_check(&until), ETIMEDOUT);
	end.tv_sec += 1000;
	ck_assert_int_eq(ref_until_check(&until), 0);
	end.tv_nsec = 1000000000;
	ck_assert_int_eq(ref_until_check(&until), EINVAL);
	end.tv_nsec = -1;
	ck_assert_int_eq(ref_until_check(&until), EINVAL);
	end = (struct timespec){0, 0};
	ck_assert_int_eq(ref_until_check(&until), ETIMEDOUT);
	end.tv_sec = -1;
	ck_assert_int_eq(ref_until_check(&until), ETIMEDOUT);
	until.clock = (clockid_t)12345;
	end = (struct timespec){0, 0};
	ck_assert_int_eq(ref_until_check(&until), ETIMEDOUT);
	end.tv_sec = 1;
	ck_assert_int_eq(ref_until_check(&until), EINVAL);
}
END_TEST

static void times_out(clockid_t clock)
{
	struct timespec end, now;
	const struct ref_until until = {&end, clock};

	clock_gettime(clock, &end);
	end.tv_nsec += 5000000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	while (ref_park(word, 0, &until) == 0)
		continue;
	clock_gettime(clock, &now);
	ck_assert(now.tv_sec > end.tv_sec ||
		  (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec));
	ck_assert_int_eq(ref_park(word, 0, &until), ETIMEDOUT);
}

START_TEST(parking)
{
	/* Not the value: no sleep. */
	ck_assert_int_eq(ref_park(word, 1, &forever), 0);
	times_out(CLOCK_REALTIME);
	times_out(CLOCK_MONOTONIC);
}
END_TEST

/* As with a kernel that lacks the newer call, or a sandbox around it. */
static bool the_old_way(int error)
{
#ifdef SYS_futex_waitv
	return deny_by(SYS_futex_waitv, error);
#else
	(void)error;
	return false;
#endif
}

START_TEST(parking_the_old_way)
{
	if (!the_old_way(_i ? EPERM : ENOSYS))
		return;
	times_out(CLOCK_REALTIME);
	times_out(CLOCK_MONOTONIC);
}
END_TEST

static void parks(struct call *c)
{
	const struct timespec end = in_ms(30000);
	const struct ref_until until = {&end, CLOCK_REALTIME};

	do
		c->result = ref_park(word, 0, c->msg[0] ? &until : &forever);
	while (c->result == 0 && word->value == 0);
}

START_TEST(woken)
{
	struct timespec ms = {0, 3000000};
	struct call c = {.msg = {(char)_i}};

	start_call(&c, parks);
	nanosleep(&ms, NULL);
	word->value = 1;
	ref_unpark(word);
	end_call(&c);
	ck_assert_int_eq(c.result, 0);
}
END_TEST

static volatile sig_atomic_t handled;

static void handler(int signo)
{
	(void)signo;
	handled++;
}

static void handle(int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	ck_assert_int_eq(sigaction(SIGUSR2, &action, NULL), 0);
}

/* Signals until so many were handled, or it has a result. */
static void disturb(struct call *c, int times)
{
	struct timespec ms = {0, 1000000};

	handled = 0;
	while (handled < times && *(volatile long *)&c->result == 77) {
		pthread_kill(c->thread, SIGUSR2);
		nanosleep(&ms, NULL);
	}
}

START_TEST(interrupted)
{
	struct call c = {.msg = {(char)_i}, .result = 77};

	if (_i == 2 && !the_old_way(ENOSYS))
		return;
	handle(0);
	start_call(&c, parks);
	disturb(&c, 1000000);
	end_call(&c);
	ck_assert_int_eq(c.result, EINTR);
}
END_TEST

START_TEST(restarted)
{
	struct call c = {.msg = {(char)_i}, .result = 77};
	int signo;

	if (_i == 2 && !the_old_way(ENOSYS))
		return;
	/* There, it asks whether all handlers want that: Check has some. */
	for (signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	handle(SA_RESTART);
	start_call(&c, parks);
	disturb(&c, _i ? 5 : 1);
	word->value = 1;
	ref_unpark(word);
	end_call(&c);
	ck_assert_int_eq(c.result, 0);
}
END_TEST

START_TEST(naps)
{
	const struct timespec end = {1, 0};
	const struct ref_until until = {&end, CLOCK_REALTIME};

	ck_assert_int_eq(ref_nap(&forever), EAGAIN);
	ck_assert_int_eq(ref_nap(&until), ETIMEDOUT);
}
END_TEST

static bool counts(const void *object)
{
	int *n = *(int *const *)object;

	return --*n < 0;
}

START_TEST(lingering)
{
	int n = 0, *p = &n;
	uint32_t here = ref_cpu();
	struct ref_gate gate;
	const struct ref_waits w = {.gate = &gate};

	ck_assert(ref_linger(counts, &p, here + 1, &w));
	n = 0;
	ck_assert(ref_linger(counts, &p, here, &w));
	/* It ends by itself, wherever the other side was. */
	n = 1 << 30;
	ck_assert(!ref_linger(counts, &p, here, &w));
	n = 1 << 30;
	ck_assert(!ref_linger(counts, &p, here + 1, &w));
	ref_cpu_hint();
}
END_TEST

static void is_cancelled(struct call *c)
{
	pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
	c->result = 77;
	parks(c);
	c->result = 78;
}

START_TEST(cancelled)
{
	struct call c = {.msg = ""};

	start_call(&c, is_cancelled);
	ck_assert_int_eq(pthread_cancel(c.thread), 0);
	end_call(&c);
	ck_assert_int_ne(c.result, 78);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref park");
	TCase *tc = tcase_create("park");

	tcase_add_checked_fixture(tc, make_word, NULL);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, deadlines);
	tcase_add_test(tc, parking);
	tcase_add_loop_test(tc, parking_the_old_way, 0, 2);
	tcase_add_loop_test(tc, woken, 0, 2);
	tcase_add_loop_test(tc, interrupted, 0, 3);
	tcase_add_loop_test(tc, restarted, 0, 3);
	tcase_add_test(tc, naps);
	tcase_add_test(tc, lingering);
	tcase_add_test(tc, cancelled);
	return run_suite(suite);
}
