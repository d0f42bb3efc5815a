/* SPDX-License-Identifier: BSD-3-Clause */
/* A lock between processes that survives its owner's death. */
#include "check_ref.h"

static ref_mutex *lock;

static void make_lock(void)
{
	lock = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(lock != MAP_FAILED);
	ref_lock_init(lock);
	ck_assert(ref_lock_valid(lock));
}

START_TEST(taken_and_free)
{
	ref_lock_seconds = 0;
	ck_assert_int_eq(ref_lock(lock), REF_LOCKED);
	ck_assert_int_eq(ref_trylock(lock), REF_TAKEN);
	ck_assert_int_eq(ref_lock(lock), REF_TAKEN);
	ck_assert(!ref_claim(lock));
	ref_unlock(lock);
	ck_assert(ref_claim(lock));
	ref_unlock(lock);
}
END_TEST

#ifdef __GLIBC__
START_TEST(dead_owner)
{
	die_holding(lock);
	ck_assert_int_eq(_i ? ref_lock(lock) : ref_trylock(lock),
			 REF_OWNER_DIED);
	ref_lock_mend(lock);
	ref_unlock(lock);
	ck_assert_int_eq(ref_trylock(lock), REF_LOCKED);
	ref_unlock(lock);
	die_holding(lock);
	ck_assert(ref_claim(lock));
	ref_unlock(lock);
	ck_assert_int_eq(ref_lock(lock), REF_LOCKED);
}
END_TEST

/* Who lets go of it without mending it has broken it for ever. */
START_TEST(not_recoverable)
{
	die_holding(lock);
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
	ref_unlock(lock);
	ck_assert(ref_claim(lock)); /* made anew */
	ref_unlock(lock);
	ck_assert_int_eq(ref_lock(lock), REF_LOCKED);
	ref_unlock(lock);
	die_holding(lock);
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
	ref_unlock(lock);
	ck_assert_int_eq(ref_lock(lock), REF_BROKEN);
}
END_TEST

/* Each kind of lock but ours, whatever it would do. */
START_TEST(other_kinds)
{
	int good = lock->__data.__kind;

	lock->__data.__kind = _i;
	if (_i == good)
		return;
	ck_assert(!ref_lock_valid(lock));
	ck_assert_int_eq(ref_trylock(lock), REF_BROKEN);
	ck_assert_int_eq(ref_lock(lock), REF_BROKEN);
	ck_assert(ref_claim(lock)); /* made anew */
	ck_assert(ref_lock_valid(lock));
	ref_unlock(lock);
}
END_TEST
#endif

static void locks(struct call *c)
{
	c->result = ref_lock(lock);
	ref_unlock(lock);
}

START_TEST(waited_for)
{
	struct timespec ms = {0, 5000000};
	struct call c;

	ck_assert_int_eq(ref_lock(lock), REF_LOCKED);
	start_call(&c, locks);
	nanosleep(&ms, NULL);
	ref_unlock(lock);
	end_call(&c);
	ck_assert_int_eq(c.result, REF_LOCKED);
}
END_TEST

#ifdef __GLIBC__
/* Words of owners that live elsewhere, or nowhere: no more than a time-out. */
START_TEST(absurd_words)
{
	static const uint32_t words[] = {1,	     0x3fffffff, 0x80000000,
					 0x80000001, 0xbfffffff, 0};
	uint32_t word = words[_i] != 0 ? words[_i] : (uint32_t)getpid();

	ref_lock_seconds = 0;
	memcpy(lock, &word, sizeof(word));
	ck_assert_int_eq(ref_lock(lock), REF_TAKEN);
	ck_assert_int_eq(ref_trylock(lock), REF_TAKEN);
	ck_assert(!ref_claim(lock));
	word = 0x40000000u | 12345;
	memcpy(lock, &word, sizeof(word));
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("ref lock");
	TCase *tc = tcase_create("lock");

	tcase_add_checked_fixture(tc, make_lock, NULL);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, taken_and_free);
	tcase_add_test(tc, waited_for);
#ifdef __GLIBC__
	tcase_add_loop_test(tc, dead_owner, 0, 2);
	tcase_add_test(tc, not_recoverable);
	tcase_add_loop_test(tc, other_kinds, 0, 512);
	tcase_add_loop_test(tc, absurd_words, 0, 6);
#endif
	return run_suite(suite);
}
