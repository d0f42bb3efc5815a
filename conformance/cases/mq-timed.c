/* SPDX-License-Identifier: BSD-3-Clause */
/* Sends and receives with a deadline, and those that never wait. */
#include "mq.h"

static int timed_send(struct ct *t, mqd_t mqd, const struct timespec *end)
{
	return t->os->mq_timedsend(mqd, "t", 1, 0, end);
}

static int timed_receive(struct ct *t, mqd_t mqd, const struct timespec *end)
{
	char buf[64];

	return (int)t->os->mq_timedreceive(mqd, buf, sizeof(buf), NULL, end);
}

CT_CASE(mq_timeout_zero, .id = "mq.timeout-zero-busy",
	.req = "MQ-061 MQ-069 MQ-070", .posix = "XSH mq_timedsend [ETIMEDOUT]",
	.text = "timeout 0 is busy on a full queue and on an empty one",
	.needs = CT_NEED_MQ)
{
	static const struct timespec never = {0, 0};
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	struct ct_peer *p;
	char buf[16];
	size_t len = sizeof(buf);

	CT_EXPECT(pipc_mq_receive(mq, buf, &len, &never, NULL),
		  PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_mq_send(mq, "a", 1, &never, 0), PIPC_OK);
	CT_EXPECT(pipc_mq_send(mq, "b", 1, &never, 0), PIPC_BUSY_ERROR);
	CT_PEER (t, p) {
		CT_EXPECT(pipc_mq_send(mq, "c", 1, &never, 0), PIPC_BUSY_ERROR);
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, &never, NULL),
			  PIPC_OK);
		CT_EQUAL(buf[0], 'a');
	}
	ct_join(t, p);
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, &never, NULL),
		  PIPC_BUSY_ERROR);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_past_deadline, .id = "mq.timed.past-deadline",
	.req = "MQ-067 MQ-068 MQ-069 MQ-070",
	.posix = "XSH mq_timedsend, mq_timedreceive [ETIMEDOUT]",
	.text =
	    "with a deadline in the past a call succeeds that need not wait, "
	    "and one that would fails with ETIMEDOUT and changes nothing",
	.needs = CT_NEED_MQ)
{
	const struct timespec past[] = {
	    {0, 0}, {1, 999999999}, ct_in_ms(CLOCK_REALTIME, -1)};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	int i;

	for (i = 0; i < 3; i++) {
		CT_ERRNO(timed_receive(t, mqd, &past[i]) == -1, ETIMEDOUT);
		CT_EQUAL(q_count(t, mqd), 0);
		CT_OK(timed_send(t, mqd, &past[i]) == 0);
		CT_ERRNO(timed_send(t, mqd, &past[i]) == -1, ETIMEDOUT);
		CT_EQUAL(q_count(t, mqd), 1);
		CT_OK(timed_receive(t, mqd, &past[i]) == 1);
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_read_only_deadline, .id = "mq.timed.read-only-deadline",
	.req = "MQ-067 MQ-068",
	.posix = "XSH mq_timedsend, mq_timedreceive (const abs_timeout)",
	.text = "a deadline is only read: it may lie where nothing can write",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct timespec *end = mmap(NULL, sizeof(*end), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CT_SETUP_TRUE(end != MAP_FAILED);
	*end = q_far();
	CT_SETUP_TRUE(mprotect(end, sizeof(*end), PROT_READ) == 0);
	CT_OK(timed_send(t, mqd, end) == 0);
	CT_EQUAL(q_count(t, mqd), 1);
	CT_OK(timed_receive(t, mqd, end) == 1);
	CT_EQUAL(q_count(t, mqd), 0);
	munmap(end, sizeof(*end));
	t->os->mq_close(mqd);
}

/* Some end before a tick, one is very near, one is some ticks away. */
enum { DEADLINES = 6 };
static struct timespec deadline(int i)
{
	if (i < DEADLINES - 2)
		return ct_before_tick(CLOCK_REALTIME);
	return ct_in_ms(CLOCK_REALTIME, i == DEADLINES - 2 ? 1 : 25);
}

CT_CASE(mq_never_early, .id = "mq.timed.never-early", .req = "MQ-071 MQ-079",
	.posix = "XSH mq_timedsend, mq_timedreceive (CLOCK_REALTIME)",
	.text =
	    "ETIMEDOUT comes at or after the deadline of CLOCK_REALTIME, not "
	    "before, and nothing is queued or removed",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct timespec end;
	int i;

	for (i = 0; i < DEADLINES; i++) {
		end = deadline(i);
		CT_ERRNO(timed_receive(t, mqd, &end) == -1, ETIMEDOUT);
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
		ct_remark(t, "receive late by %ld ms",
			  ct_ms_since(CLOCK_REALTIME, &end));
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		end = deadline(i);
		CT_ERRNO(timed_send(t, mqd, &end) == -1, ETIMEDOUT);
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
		ct_remark(t, "send late by %ld ms",
			  ct_ms_since(CLOCK_REALTIME, &end));
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_served_early, .id = "mq.timed.served-before-deadline",
	.req = "MQ-072", .posix = "XSH mq_timedsend, mq_timedreceive; S76",
	.text = "a timed call that is served returns then, long before its "
		"deadline, whichever call serves it",
	.needs = CT_NEED_MQ)
{
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq);
	struct timespec hour = {3600, 0}, end = q_far();
	struct ct_peer *p;
	size_t len = 16;
	char buf[16];
	int i;

	for (i = 0; i < 4; i++) {
		enum q_path path = i / 2;

		CT_PEER (t, p) {
			ct_tell_parent(t);
			if (i % 2 == 0)
				CT_OK(timed_receive(t, mqd, &end) == 1);
			else
				CT_EXPECT(
				    pipc_mq_receive(mq, buf, &len, &hour, NULL),
				    PIPC_OK);
		}
		ct_await_blocked(t, p);
		CT_OK(q_send(t, mqd, path, "a", 1, 0) == 0);
		ct_join(t, p);
		CT_OK(q_put(t, mqd, 'b', 0) == 0);
		CT_PEER (t, p) {
			ct_tell_parent(t);
			if (i % 2 == 0)
				CT_OK(timed_send(t, mqd, &end) == 0);
			else
				CT_EXPECT(pipc_mq_send(mq, "c", 1, &hour, 0),
					  PIPC_OK);
		}
		ct_await_blocked(t, p);
		CT_OK(q_receive(t, mqd, path, buf, 16, NULL) == 1);
		ct_join(t, p);
		CT_OK(t->os->mq_receive(mqd, buf, 16, NULL) == 1);
	}
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

/* From now until then; one nanosecond when that has passed. */
static struct timespec until(const struct timespec *end)
{
	struct timespec now = ct_in_ms(CLOCK_REALTIME, 0), left = {0, 1};
	int64_t ns = (int64_t)(end->tv_sec - now.tv_sec) * 1000000000 +
		     end->tv_nsec - now.tv_nsec;

	if (ns > 1)
		left.tv_nsec = (long)ns;
	return left;
}

CT_CASE(mq_part_of_second, .id = "mq.timeout.part-of-a-second", .req = "MQ-073",
	.posix = "S73 S76",
	.text = "a timeout below one second is neither cut to none nor is the "
		"call busy before it has passed",
	.needs = CT_NEED_MQ)
{
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	struct timespec start, end, timeout;
	size_t len = 16;
	char buf[16];
	int i;

	for (i = 0; i < DEADLINES; i++) {
		end = deadline(i);
		timeout = until(&end);
		clock_gettime(CLOCK_MONOTONIC, &start);
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, &timeout, NULL),
			  PIPC_BUSY_ERROR);
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
		if (i == DEADLINES - 1)
			ct_remark(t, "0.025 s took %ld ms",
				  ct_ms_since(CLOCK_MONOTONIC, &start));
		CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
		end = deadline(i);
		timeout = until(&end);
		CT_EXPECT(pipc_mq_send(mq, "b", 1, &timeout, 0),
			  PIPC_BUSY_ERROR);
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
		CT_EXPECT(q_handle_take(mq, NULL), PIPC_OK);
	}
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_bad_nanoseconds, .id = "mq.timed.bad-nanoseconds", .req = "MQ-075",
	.posix = "XSH mq_timedsend, mq_timedreceive ERRORS [EINVAL]",
	.text = "nanoseconds below 0 or of a second and more are refused where "
		"the call would wait, and nothing is queued or removed",
	.needs = CT_NEED_MQ)
{
	static const long bad[] = {-1, LONG_MIN, 1000000000, LONG_MAX};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct timespec end = q_far();
	int i;

	for (i = 0; i < 4; i++) {
		end.tv_nsec = bad[i];
		CT_ERRNO(timed_receive(t, mqd, &end) == -1, EINVAL);
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_ERRNO(timed_send(t, mqd, &end) == -1, EINVAL);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

/* One of two outcomes: success, or a given error. */
static void check_either(struct ct *t, const char *key, int result, int error,
			 int allowed)
{
	ct_note(t, key, "%s", result >= 0 ? "success" : ct_errno_name(error));
	if (result < 0)
		CT_EQUAL(error, allowed);
}

CT_CASE(
    mq_bad_nanoseconds_ready, .id = "mq.timed.bad-nanoseconds-no-wait",
    .req = "MQ-076", .posix = "XSH mq_timedsend (need not be checked)",
    .text = "bad nanoseconds where the call need not wait: success or EINVAL",
    .needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct timespec end = q_far();
	int result, error;

	end.tv_nsec = 1000000000;
	errno = 0;
	result = timed_send(t, mqd, &end);
	error = errno;
	check_either(t, "send", result, error, EINVAL);
	CT_EQUAL(q_count(t, mqd), result == 0);
	if (result != 0)
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
	result = timed_receive(t, mqd, &end);
	error = errno;
	check_either(t, "receive", result, error, EINVAL);
	CT_EQUAL(q_count(t, mqd), result < 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_before_epoch, .id = "mq.timed.before-the-epoch", .req = "MQ-077",
	.posix = "XSH mq_timedsend, mq_timedreceive [ETIMEDOUT]",
	.text = "a deadline before the epoch is past, or refused",
	.needs = CT_NEED_MQ)
{
	static const struct timespec end = {-1, 0};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	int error;

	error = timed_receive(t, mqd, &end) == -1 ? errno : 0;
	ct_note(t, "receive", "%s", ct_errno_name(error));
	CT_CHECK(error == ETIMEDOUT || error == EINVAL);
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	error = timed_send(t, mqd, &end) == -1 ? errno : 0;
	ct_note(t, "send", "%s", ct_errno_name(error));
	CT_CHECK(error == ETIMEDOUT || error == EINVAL);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_last_second, .id = "mq.timed.last-second", .req = "MQ-078",
	.posix = "XSH mq_timedsend, mq_timedreceive (expiry)",
	.text = "the last second of time_t never times out: the call blocks "
		"until a signal, or is refused at once",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct timespec end = pipc_seconds(1e30);
	struct ct_peer *p;
	int i;

	for (i = 0; i < 2; i++) {
		CT_PEER (t, p) {
			int result, error;

			ct_catch(t, SIGUSR1);
			ct_tell_parent(t);
			errno = 0;
			result = i == 0 ? timed_receive(t, mqd, &end)
					: timed_send(t, mqd, &end);
			error = errno;
			CT_EQUAL(result, -1);
			CT_CHECK(error != ETIMEDOUT && error != EAGAIN);
			ct_note(t, i == 0 ? "receive" : "send", "%s",
				ct_errno_name(error));
			/* Refused at once: the signal comes here. */
			CT_CHECK(ct_await_caught(t, SIGUSR1, 1));
		}
		ct_await_blocked(t, p);
		ct_settle(t);
		kill(ct_pid(p), SIGUSR1);
		ct_join(t, p);
		if (i == 0)
			CT_OK(q_put(t, mqd, 'a', 0) == 0);
	}
	CT_EQUAL(q_count(t, mqd), 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_nonblock, .id = "mq.nonblock.eagain", .req = "MQ-064 MQ-065 MQ-066",
	.posix = "XSH mq_send, mq_receive ERRORS [EAGAIN]",
	.text = "with O_NONBLOCK a full or empty queue is EAGAIN at once, "
		"whatever the deadline, and nothing changes",
	.needs = CT_NEED_MQ)
{
	struct mq_attr on = {.mq_flags = O_NONBLOCK};
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name);
	mqd_t fast = q_another(t, name, O_RDWR | O_NONBLOCK);
	char buf[16];
	int i, path;

	for (i = 0; i < 2; i++) {
		/* As opened, then as set. */
		mqd_t q = i == 0 ? fast : mqd;

		if (i == 1)
			CT_OK(t->os->mq_setattr(mqd, &on, NULL) == 0);
		for (path = 0; path < Q_PATHS; path++) {
			CT_ERRNO(q_receive(t, q, path, buf, 16, NULL) == -1,
				 EAGAIN);
			CT_OK(q_send(t, q, path, "a", 1, 0) == 0);
			CT_ERRNO(q_send(t, q, path, "b", 1, 0) == -1, EAGAIN);
			CT_ERRNO(timed_send(t, q, &ct_past) == -1, EAGAIN);
			CT_EQUAL(q_count(t, q), 1);
			CT_OK(q_receive(t, q, path, buf, 16, NULL) == 1);
			CT_EQUAL(buf[0], 'a');
			CT_ERRNO(timed_receive(t, q, &ct_past) == -1, EAGAIN);
		}
	}
	t->os->mq_close(fast);
	t->os->mq_close(mqd);
}

CT_CASE(mq_block_attribute, .id = "mq.block.busy-instead-of-waiting",
	.req = "MQ-102 MQ-065 MQ-066", .posix = "S89 S73",
	.text = "a handle waits by default; with block false it is busy "
		"instead, whatever the timeout, until block is true again",
	.needs = CT_NEED_MQ)
{
	struct timespec hour = {3600, 0};
	const struct timespec *timeout[] = {NULL, &hour};
	struct pipc_mq_attributes attr = {0};
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	struct ct_peer *p;
	int i;

	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_CHECK(attr.block);
	CT_EXPECT(pipc_mq_set_block(mq, false), PIPC_OK);
	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_CHECK(!attr.block);
	for (i = 0; i < 2; i++) {
		CT_EXPECT(q_handle_take(mq, timeout[i]), PIPC_BUSY_ERROR);
		CT_EXPECT(pipc_mq_send(mq, "a", 1, timeout[i], 0), PIPC_OK);
		CT_EXPECT(pipc_mq_send(mq, "b", 1, timeout[i], 0),
			  PIPC_BUSY_ERROR);
		CT_EXPECT(q_handle_take(mq, timeout[i]), PIPC_OK);
	}
	CT_EXPECT(pipc_mq_set_block(mq, true), PIPC_OK);
	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_CHECK(attr.block);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_EXPECT(q_handle_take(mq, NULL), PIPC_OK);
	}
	ct_await_blocked(t, p);
	CT_EXPECT(pipc_mq_send(mq, "c", 1, NULL, 0), PIPC_OK);
	ct_join(t, p);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}
