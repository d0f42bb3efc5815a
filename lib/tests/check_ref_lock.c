/* SPDX-License-Identifier: BSD-3-Clause */
/* A lock between processes that survives its owner's death. */
#include "check_ref.h"

#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

static ref_mutex *lock;

static void make_lock(void)
{
	lock = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(lock != MAP_FAILED);
	ref_lock_init(lock);
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

#if REF_ROBUST

/* Who lets go of it without mending it leaves that to the next. */
START_TEST(not_mended)
{
	die_holding(lock);
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
	ref_unlock(lock);
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
	ref_lock_mend(lock);
	ref_unlock(lock);
	ck_assert_int_eq(ref_lock(lock), REF_LOCKED);
	ref_unlock(lock);
}
END_TEST

static _Atomic uint32_t *word_of(ref_mutex *l)
{
	return &l->word;
}

/* Words of owners that live elsewhere, or nowhere: no more than a time-out. */
START_TEST(absurd_words)
{
	static const uint32_t words[] = {1, 0x3fffffff, 0x80000001, 0xbfffffff,
					 0};

	ref_lock_seconds = 0;
	*word_of(lock) = words[_i] != 0 ? words[_i] : (uint32_t)getpid();
	ck_assert_int_eq(ref_lock(lock), REF_TAKEN);
	ck_assert_int_eq(ref_trylock(lock), REF_TAKEN);
	ck_assert(!ref_claim(lock));
	*word_of(lock) = 0x40000000u | 12345;
	ck_assert_int_eq(ref_lock(lock), REF_TAKEN);
	*word_of(lock) = 0x40000000u;
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
}
END_TEST

/* An owner that nobody tells of is missed when the wait is long. */
START_TEST(untold)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	*word_of(lock) = (uint32_t)pid;
	ck_assert_int_eq(ref_trylock(lock), REF_TAKEN);
	ck_assert_int_eq(ref_lock(lock), REF_OWNER_DIED);
}
END_TEST

#define LOCKS 12

/* Some of these are ours, and some the program's own robust mutexes. */
struct set {
	pthread_mutex_t theirs[LOCKS];
	ref_mutex ours[LOCKS];
};

static struct set *make_set(void)
{
	struct set *set = (struct set *)(void *)((char *)lock + 1024);
	pthread_mutexattr_t kind;
	int i;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
	for (i = 0; i < LOCKS; i++) {
		pthread_mutex_init(&set->theirs[i], &kind);
		ref_lock_init(&set->ours[i]);
	}
	pthread_mutexattr_destroy(&kind);
	return set;
}

static void take(struct set *set, int i)
{
	if (i < LOCKS)
		ck_assert(ref_claim(&set->ours[i]));
	else
		ck_assert_int_eq(pthread_mutex_lock(&set->theirs[i - LOCKS]),
				 0);
}

static void let_go(struct set *set, int i)
{
	if (i < LOCKS)
		ref_unlock(&set->ours[i]);
	else
		ck_assert_int_eq(pthread_mutex_unlock(&set->theirs[i - LOCKS]),
				 0);
}

static bool died(struct set *set, int i)
{
	int error;

	if (i < LOCKS)
		return ref_trylock(&set->ours[i]) == REF_OWNER_DIED;
	error = pthread_mutex_trylock(&set->theirs[i - LOCKS]);
	ck_assert(error == 0 || error == EOWNERDEAD);
	return error == EOWNERDEAD;
}

/* Takes and releases them in that order, one bit each that is held at last. */
static uint32_t any_order(struct set *set, unsigned seed)
{
	uint32_t having = 0;
	int i, n;

	for (n = 0; n < 400; n++) {
		seed = seed * 1103515245 + 12345;
		i = (int)(seed >> 16) % (2 * LOCKS);
		if (having & 1u << i)
			let_go(set, i);
		else
			take(set, i);
		having ^= 1u << i;
	}
	return having;
}

/* The death of a process tells of just the locks that it holds. */
START_TEST(among_others)
{
	struct set *set = make_set();
	_Atomic uint32_t *said =
	    (_Atomic uint32_t *)(void *)((char *)lock + 512);
	pid_t pid = fork();
	int i;

	if (pid == 0) {
		*said = any_order(set, (unsigned)_i);
		if (_i % 2)
			ref_lock(lock);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	for (i = 0; i < 2 * LOCKS; i++)
		ck_assert_msg(died(set, i) == ((*said & 1u << i) != 0),
			      "%d of %x", i, *said);
	ck_assert_int_eq(ref_lock(lock), _i % 2 ? REF_OWNER_DIED : REF_LOCKED);
}
END_TEST

/* What another writes over the locks moves nothing in this process. */
START_TEST(written_over)
{
	struct set *set = make_set();
	void *target[8] = {NULL}, *aim = &target[4];
	size_t at;
	int i;

	for (i = 0; i < LOCKS; i++) {
		take(set, i);
		if (i % 3 == 0)
			take(set, LOCKS + i);
	}
	for (i = 0; i < LOCKS; i++)
		for (at = 4; at + sizeof(aim) <= sizeof(set->ours[i]); at += 4)
			memcpy((char *)&set->ours[i] + at, &aim, sizeof(aim));
	for (i = 0; i < LOCKS; i++) {
		if (i % 3 == 0)
			let_go(set, LOCKS + i);
		let_go(set, (i * 5 + _i) % LOCKS);
	}
	any_order(set, 1);
	for (i = 0; i < 8; i++)
		ck_assert_ptr_null(target[i]);
}
END_TEST

/* Each way in which a thread ends, or gives way to another program. */
enum end { EXITS, KILLED, EXECUTES, THREAD_ENDS, FORKED, RAW };

static void *end_with_locks(void *unused)
{
	ref_claim(&((ref_mutex *)(void *)((char *)lock + 1024))[0]);
	ref_lock(lock);
	return unused;
}

static void child_ends(enum end how)
{
	pthread_t thread;

	if (how == THREAD_ENDS) {
		pthread_create(&thread, NULL, end_with_locks, NULL);
		pthread_join(thread, NULL);
		raise(SIGSTOP);
	}
	end_with_locks(NULL);
	if (how == KILLED)
		raise(SIGKILL);
	if (how == EXECUTES)
		execlp("sleep", "sleep", "1000", (char *)NULL);
	_exit(how == EXECUTES);
}

static pid_t make_child(enum end how)
{
	/* So that there is something to be forgotten by it. */
	ref_mutex *own = (ref_mutex *)(void *)((char *)lock + 2048);

	ck_assert(ref_claim(own));
#ifdef SYS_clone
	if (how == RAW)
		return (pid_t)syscall(SYS_clone, SIGCHLD, 0, NULL, NULL, NULL);
#endif
	return fork();
}

START_TEST(told)
{
	ref_mutex *other = (ref_mutex *)(void *)((char *)lock + 1024);
	ref_mutex *own = (ref_mutex *)(void *)((char *)lock + 2048);
	enum ref_locked got;
	pid_t pid = make_child((enum end)_i);

	if (pid == 0)
		child_ends((enum end)_i);
	if (_i == THREAD_ENDS)
		ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	else if (_i != EXECUTES)
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	/* It has executed the other program when the lock is told of. */
	do
		got = ref_lock(lock);
	while (_i == EXECUTES && got == REF_LOCKED &&
	       (ref_unlock(lock), sched_yield() == 0));
	ck_assert_int_eq(got, REF_OWNER_DIED);
	ck_assert_int_eq(ref_trylock_for_long(other), REF_OWNER_DIED);
	ck_assert(!ref_claim(own));
	ref_unlock(own);
	ck_assert(ref_claim(own));
	if (_i == THREAD_ENDS || _i == EXECUTES) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
END_TEST

/* Others who ask whether an owner lives do not touch the owner's list. */
START_TEST(asked_while_held)
{
	enum { N = 4 };
	ref_mutex *many = (ref_mutex *)(void *)((char *)lock + 256);
	_Atomic unsigned *held =
	    (_Atomic unsigned *)(void *)((char *)lock + 128);
	pid_t pid = fork();
	unsigned i;

	if (pid == 0) {
		while (*held < N)
			if (ref_claim(&many[*held]))
				++*held;
		for (;;)
			pause();
	}
	while (*held < N)
		sched_yield();
	for (i = 0; i < N; i++)
		ck_assert(!ref_claim(&many[i]));
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	for (i = 0; i < N; i++)
		ck_assert_int_eq(ref_trylock_for_long(&many[i]),
				 REF_OWNER_DIED);
}
END_TEST

/* No more than can be kept in mind; then as if they were taken. */
START_TEST(too_many)
{
	ref_mutex *many = (ref_mutex *)(void *)((char *)lock + 256);
	unsigned n = 0, i;

	while (n < 80 && ref_claim(&many[n]))
		n++;
	ck_assert_uint_eq(n, 64);
	for (i = 0; i < n; i++)
		ref_unlock(&many[i]);
	ck_assert(ref_claim(&many[n]));
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
	tcase_add_loop_test(tc, dead_owner, 0, 2);
#if REF_ROBUST
	tcase_add_test(tc, not_mended);
	tcase_add_loop_test(tc, absurd_words, 0, 5);
	tcase_add_test(tc, untold);
	tcase_add_test(tc, asked_while_held);
	tcase_add_loop_test(tc, among_others, 0, 40);
	tcase_add_loop_test(tc, written_over, 0, LOCKS);
	tcase_add_loop_test(tc, told, 0, RAW + 1);
	tcase_add_test(tc, too_many);
#endif
	return run_suite(suite);
}
