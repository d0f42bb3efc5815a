/* SPDX-License-Identifier: BSD-3-Clause */
/* Fair mode: taking turns. */
#include "check_ref.h"

#define SHARE 32 /* as in turns.c */
#define SIDE REF_RECEIVERS

static struct ref_gate gate;
static struct ref_waits w;
static _Atomic int said; /* by the other thread, and to it */

static void make_gate(void)
{
	memset(&gate, 0, sizeof(gate));
	ref_gate_init(&gate);
	w = (struct ref_waits){.gate = &gate};
	said = 0;
}

static uint32_t rounds(void)
{
	return gate.turns[SIDE].round;
}

static void uses(int messages)
{
	while (messages-- > 0)
		ref_turn_used(&gate, SIDE);
}

static void say_and_await(int what, int answer)
{
	said = what;
	while (said != answer)
		sched_yield();
}

/* Takes part with one message, and when told has nothing more to do. */
static void takes_part(struct call *c)
{
	uses(1);
	say_and_await(1, 2);
	if (c->msg[0] == 'u')
		uses(SHARE - 1);
	else
		ref_turn_over(&gate, SIDE);
}

START_TEST(alone)
{
	uses(SHARE - 1);
	ck_assert_uint_eq(rounds(), 0);
	uses(1);
	ck_assert_uint_eq(rounds(), 1);
	ref_turn_await(&w, SIDE); /* nobody to wait for */
	uses(1);
	ref_turn_over(&gate, SIDE);
	ck_assert_uint_eq(rounds(), 2);
	ref_turn_over(&gate, SIDE); /* took no part in this one */
	ck_assert_uint_eq(rounds(), 2);
}
END_TEST

/* The round ends when the other has had its share, or finds nothing. */
START_TEST(two)
{
	struct call other = {.msg = {_i ? 'u' : 'o'}};

	start_call(&other, takes_part);
	while (said != 1)
		sched_yield();
	uses(SHARE);
	ck_assert_uint_eq(rounds(), 0);
	uses(1); /* more than its share: nothing changes */
	ref_turn_over(&gate, SIDE);
	ck_assert_uint_eq(rounds(), 0);
	said = 2;
	end_call(&other);
	ck_assert_uint_eq(rounds(), 1);
	/* Of the next one it took no part yet, but is waited for. */
	uses(SHARE);
	ck_assert_uint_eq(rounds(), 1);
}
END_TEST

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Who has had its share waits for the others, and not for ever. */
START_TEST(patience)
{
	int64_t start;

	gate.turns[SIDE].before = 2;
	uses(SHARE - 1);
	start = now();
	uses(1);
	ref_turn_await(&w, !SIDE);
	ck_assert_uint_eq(rounds(), 0);
	ref_turn_await(&w, SIDE);
	ck_assert_uint_eq(rounds(), 1);
	ck_assert(now() - start >= 500000);
	/* Who did not come is not waited for again. */
	uses(SHARE);
	ck_assert_uint_eq(rounds(), 2);
}
END_TEST

static void awaits(struct call *c)
{
	uses(SHARE);
	say_and_await(1, 2);
	ref_turn_await(&w, SIDE);
	c->result = rounds();
}

/* Another ends the round while one waits. */
START_TEST(ended_meanwhile)
{
	struct call other = {.msg = ""};

	uses(1);
	start_call(&other, awaits);
	while (said != 1)
		sched_yield();
	said = 2;
	ref_enter(&w, &section);
	uses(SHARE - 1);
	ref_leave(&w, &section);
	end_call(&other);
	ck_assert_int_ge(other.result, 1);
}
END_TEST

/* A share is of one queue and of one side. */
START_TEST(elsewhere)
{
	struct ref_gate another = gate;

	uses(SHARE - 1);
	ref_turn_used(&another, SIDE);
	ref_turn_used(&gate, !SIDE);
	ck_assert_uint_eq(rounds(), 0);
	ck_assert_uint_eq(another.turns[SIDE].round, 0);
}
END_TEST

/* The variable is looked at when a process opens a queue first. */
START_TEST(chosen)
{
	static const char *const values[] = {NULL, "", "0", "yes", "1"};
	mqd_t q;
	int i;

	for (i = 0; i < 5; i++) {
		if (values[i] != NULL)
			setenv("PIPC_FAIR", values[i], 1);
		else
			unsetenv("PIPC_FAIR");
		q = a_queue("/q", 2, 64);
		ck_assert_int_eq(mapping_of(q)->fair, i == 4);
		ck_assert_int_eq(ref_mq_close(q), 0);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
	}
}
END_TEST

/* Messages moved by either side count, and waiting ends a part. */
START_TEST(counted)
{
	struct timespec past = {1, 0};
	struct ref_turns *turns;
	char msg[64];
	mqd_t q;
	int i;

	setenv("PIPC_FAIR", "1", 1);
	q = a_queue("/q", 1, 64);
	turns = mapping_of(q)->waits.gate->turns;
	for (i = 0; i < SHARE; i++) {
		ck_assert_int_eq(ref_mq_send(q, "m", 1, 0), 0);
		ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	}
	ck_assert_uint_eq(turns[REF_SENDERS].round, 1);
	ck_assert_uint_eq(turns[REF_RECEIVERS].round, 1);
	ck_assert_int_eq(ref_mq_send(q, "m", 1, 0), 0);
	past = in_ms(5);
	ck_errno(ref_mq_timedsend(q, "m", 1, 0, &past) == 0, ETIMEDOUT);
	ck_assert_uint_eq(turns[REF_SENDERS].round, 2);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	past = in_ms(5);
	ck_errno(ref_mq_timedreceive(q, msg, 64, NULL, &past) >= 0, ETIMEDOUT);
	ck_assert_uint_eq(turns[REF_RECEIVERS].round, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref turns");
	TCase *tc = a_case(suite, "turns");

	tcase_add_checked_fixture(tc, make_gate, NULL);
	tcase_add_test(tc, alone);
	tcase_add_loop_test(tc, two, 0, 2);
	tcase_add_test(tc, patience);
	tcase_add_test(tc, ended_meanwhile);
	tcase_add_test(tc, elsewhere);
	tcase_add_test(tc, chosen);
	tcase_add_test(tc, counted);
	return run_suite(suite);
}
