/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs where semaphores meet signals and cancellation. */
#include "mutant.h"

#include <errno.h>
#include <pthread.h>

static int fails(int error)
{
	errno = error;
	return -1;
}

static int eintr_takes(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	return result != 0 && errno == EINTR ? 0 : result;
}
CT_MUTANT(sem_wait_eintr_success, .breaks = "SEM-067 SEM-070",
	  .text = "an interrupted wait says success",
	  .os.sem_wait = eintr_takes);

static int eintr_eagain(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	return result != 0 && errno == EINTR ? fails(EAGAIN) : result;
}
CT_MUTANT(sem_wait_eintr_eagain, .breaks = "SEM-067 SEM-070",
	  .text = "an interrupted wait is EAGAIN", .os.sem_wait = eintr_eagain);

static int eintr_posts(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	if (result != 0) {
		ct_base->sem_post(sem);
		return fails(EINTR);
	}
	return result;
}
CT_MUTANT(sem_wait_eintr_posts, .breaks = "SEM-054 SEM-067",
	  .text = "an interrupted wait adds one", .os.sem_wait = eintr_posts);

static int timed_eintr_expires(sem_t *sem, const struct timespec *end)
{
	struct sigaction asked, without;
	int result, error;

	/* SA_RESTART is nothing to it. */
	sigaction(SIGUSR1, NULL, &asked);
	without = asked;
	without.sa_flags &= ~SA_RESTART;
	sigaction(SIGUSR1, &without, NULL);
	result = ct_base->sem_timedwait(sem, end);
	error = errno;
	sigaction(SIGUSR1, &asked, NULL);
	if (result != 0)
		errno = error == EINTR ? ETIMEDOUT : error;
	return result;
}
CT_MUTANT(sem_timedwait_eintr_expires, .breaks = "SEM-068 SEM-069",
	  .text = "an interrupted timed wait is ETIMEDOUT",
	  .os.sem_timedwait = timed_eintr_expires);

/* Posts from a handler are lost; here: those that come within another call. */
static __thread bool inside;

static int wait_inside(sem_t *sem)
{
	int result;

	inside = true;
	result = ct_base->sem_wait(sem);
	inside = false;
	return result;
}

static int post_outside(sem_t *sem)
{
	return inside ? fails(EDEADLK) : ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_not_in_handler, .breaks = "SEM-066",
	  .text = "a post from a handler within a wait fails",
	  .os.sem_wait = wait_inside, .os.sem_post = post_outside);

/* Once in a while, where the process has a handler for a timer's signal. */
static bool interrupted_lately(void)
{
	static unsigned calls;
	struct sigaction action;

	return sigaction(SIGALRM, NULL, &action) == 0 &&
	       action.sa_handler != SIG_DFL && ++calls % 50 == 0;
}

static sem_t *open_ebadf(const char *name, int flags, mode_t mode,
			 unsigned value)
{
	if (interrupted_lately()) {
		errno = EBADF;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}
CT_MUTANT(sem_open_interrupted_ebadf, .breaks = "SEM-114",
	  .text = "an interrupted sem_open is EBADF",
	  .os.sem_open = open_ebadf);

static int trywait_interrupted(sem_t *sem)
{
	if (!interrupted_lately())
		return ct_base->sem_trywait(sem);
	ct_base->sem_trywait(sem);
	return fails(EINTR);
}
CT_MUTANT(sem_trywait_eintr_takes, .breaks = "SEM-130",
	  .text = "an interrupted sem_trywait has taken one",
	  .os.sem_trywait = trywait_interrupted);

static int wait_uncancelled(sem_t *sem)
{
	int result, state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	result = ct_base->sem_wait(sem);
	pthread_setcancelstate(state, NULL);
	return result;
}
CT_MUTANT(sem_wait_uncancelled, .breaks = "SEM-083",
	  .text = "sem_wait is no cancellation point",
	  .os.sem_wait = wait_uncancelled);

static sem_t *open_cancelled(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	pthread_testcancel();
	return ct_base->sem_open(name, flags, mode, value);
}
CT_MUTANT(sem_open_cancelled, .breaks = "SEM-083",
	  .text = "sem_open is a cancellation point",
	  .os.sem_open = open_cancelled);
