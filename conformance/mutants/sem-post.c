/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in posting and in telling the value. */
#include "mutant.h"

#include <errno.h>
#include <limits.h>

static int posts_two(sem_t *sem)
{
	ct_base->sem_post(sem);
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_two, .breaks = "SEM-062 SEM-063", .text = "a post adds two",
	  .os.sem_post = posts_two);

static int posts_none(sem_t *sem)
{
	(void)sem;
	return 0;
}
CT_MUTANT(sem_post_none, .breaks = "SEM-041 SEM-062 SEM-064 SEM-094 SEM-095",
	  .text = "a post does nothing", .os.sem_post = posts_none);

static int posts_first(sem_t *sem)
{
	int value;

	if (ct_base->sem_getvalue(sem, &value) == 0 && value > 0)
		return 0;
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_binary, .breaks = "SEM-062",
	  .text = "no post goes beyond one", .os.sem_post = posts_first);

/* How many wait, and whether one that was woken has not run yet. */
static int *waiting, *woken;

static void count_waiters(void)
{
	waiting = ct_mutant_shared(2 * sizeof(*waiting));
	woken = waiting + 1;
}

static int counted_wait(sem_t *sem)
{
	int result;

	__atomic_add_fetch(waiting, 1, __ATOMIC_SEQ_CST);
	result = ct_base->sem_wait(sem);
	__atomic_sub_fetch(waiting, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(woken, 0, __ATOMIC_SEQ_CST);
	return result;
}

static int post_merges(sem_t *sem)
{
	if (__atomic_load_n(waiting, __ATOMIC_SEQ_CST) > 1 &&
	    __atomic_exchange_n(woken, 1, __ATOMIC_SEQ_CST) != 0)
		return 0;
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_merges, .breaks = "SEM-064",
	  .text = "a post before the woken waiter has run is lost",
	  .init = count_waiters, .os.sem_wait = counted_wait,
	  .os.sem_post = post_merges);

static int post_broadcasts(sem_t *sem)
{
	int n = __atomic_load_n(waiting, __ATOMIC_SEQ_CST);

	while (n-- > 1)
		ct_base->sem_post(sem);
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_broadcasts, .breaks = "SEM-063",
	  .text = "a post lets all waiters through", .init = count_waiters,
	  .os.sem_wait = counted_wait, .os.sem_post = post_broadcasts);

static int post_loses_if_waited(sem_t *sem)
{
	static unsigned n;

	if (__atomic_load_n(waiting, __ATOMIC_SEQ_CST) > 0 && n++ % 3 == 2)
		return 0;
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_lost, .breaks = "SEM-064",
	  .text = "every third post to a waiter is lost", .init = count_waiters,
	  .os.sem_wait = counted_wait, .os.sem_post = post_loses_if_waited);

static int off_by_one(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	++*value;
	return result;
}
CT_MUTANT(sem_getvalue_off_by_one, .breaks = "SEM-079",
	  .text = "the value told is one more", .os.sem_getvalue = off_by_one);

static int first_value(sem_t *sem, int *value)
{
	static sem_t *known;
	static int was;

	if (sem != known) {
		known = sem;
		ct_base->sem_getvalue(sem, &was);
	}
	*value = was;
	return 0;
}
CT_MUTANT(sem_getvalue_stale, .breaks = "SEM-079",
	  .text = "the value told is the first one seen",
	  .os.sem_getvalue = first_value);

static int takes_to_look(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	ct_base->sem_trywait(sem);
	return result;
}
CT_MUTANT(sem_getvalue_takes, .breaks = "SEM-079 SEM-081",
	  .text = "asking for the value takes one",
	  .os.sem_getvalue = takes_to_look);

static int negative_one(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	if (*value == 0 && __atomic_load_n(waiting, __ATOMIC_SEQ_CST) > 0)
		*value = -1;
	return result;
}
CT_MUTANT(sem_getvalue_minus_one, .breaks = "SEM-080",
	  .text = "the value is -1 however many wait", .init = count_waiters,
	  .os.sem_wait = counted_wait, .os.sem_getvalue = negative_one);

static int positive_waiters(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	*value += __atomic_load_n(waiting, __ATOMIC_SEQ_CST);
	return result;
}
CT_MUTANT(sem_getvalue_adds_waiters, .breaks = "SEM-080",
	  .text = "waiters count as value", .init = count_waiters,
	  .os.sem_wait = counted_wait, .os.sem_getvalue = positive_waiters);

/* As on QNX: the value wraps at the top. */
static sem_t *wrapped;

static int post_wraps(sem_t *sem)
{
	int result = ct_base->sem_post(sem);

	if (result != 0 && errno == EOVERFLOW) {
		wrapped = sem;
		result = 0;
	}
	return result;
}

static int value_wraps(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	if (sem == wrapped)
		*value = INT_MIN;
	wrapped = NULL;
	return result;
}
CT_MUTANT(sem_post_wraps, .breaks = "SEM-065",
	  .text = "a post at the largest value makes it negative",
	  .os.sem_post = post_wraps, .os.sem_getvalue = value_wraps);
