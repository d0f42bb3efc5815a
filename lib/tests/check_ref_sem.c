/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation's semaphores. */
#include "check_ref.h"

#include <limits.h>

/* The beginning of the file. */
struct sem_file {
	struct ref_head head;
	_Atomic uint32_t value REF_ALIGNED;
	_Atomic uint32_t cpu;
	uint32_t redo_value;
	_Atomic uint64_t redo;
	struct ref_gate gate;
};

#define WAITED_FOR 0x80000000u

static sem_t *a_semaphore(unsigned value)
{
	sem_t *s = ref_sem_open("/s", O_CREAT, 0600, value);

	ck_assert_msg(s != SEM_FAILED, "sem_open: %s", strerror(errno));
	return s;
}

static struct sem_file *file_of(sem_t *s)
{
	return (struct sem_file *)(void *)s;
}

static struct ref_waits waits_of(sem_t *s)
{
	struct sem_file *f = file_of(s);

	return (struct ref_waits){.gate = &f->gate,
				  .space = ref_space,
				  .waiters = (void *)(&f->gate + 1)};
}

static int value_of(sem_t *s)
{
	int value = -1;

	ck_assert_int_eq(ref_sem_getvalue(s, &value), 0);
	return value;
}

static void waits(struct call *c)
{
	c->result = ref_sem_wait(c->sem);
}

START_TEST(opening)
{
	sem_t *s = a_semaphore(3), *again;

	again = ref_sem_open("/s", 0, 0, 0);
	ck_assert_ptr_eq(s, again);
	ck_errno(ref_sem_open("/s", O_CREAT | O_EXCL, 0600, 0) != SEM_FAILED,
		 EEXIST);
	ck_errno(ref_sem_open("/none", 0, 0, 0) != SEM_FAILED, ENOENT);
	ck_errno(ref_sem_open("/new", O_CREAT, 0600, 0x80000000u) != SEM_FAILED,
		 EINVAL);
	ck_errno(ref_sem_open("s", 0, 0, 0) != SEM_FAILED, EINVAL);
	ck_assert_int_eq(value_of(s), 3);
	ck_assert_int_eq(ref_sem_close(s), 0);
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(ref_sem_close(again), 0);
	ck_errno(ref_sem_close(again) == 0, EINVAL);
	s = a_semaphore(9);
	ck_assert_int_eq(value_of(s), 4);
	ck_assert_int_eq(ref_sem_unlink("/s"), 0);
	ck_errno(ref_sem_unlink("/s") == 0, ENOENT);
	ck_assert_int_eq(ref_sem_post(s), 0);
}
END_TEST

START_TEST(values)
{
	const struct timespec past = {1, 0}, bad = {1, -1};
	sem_t *s = a_semaphore(INT_MAX - 1);
	struct timespec end;

	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_errno(ref_sem_post(s) == 0, EOVERFLOW);
	ck_assert_int_eq(value_of(s), INT_MAX);
	file_of(s)->value = 2;
	ck_assert_int_eq(ref_sem_wait(s), 0);
	ck_assert_int_eq(ref_sem_timedwait(s, &bad), 0);
	ck_errno(ref_sem_trywait(s) == 0, EAGAIN);
	ck_errno(ref_sem_timedwait(s, &bad) == 0, EINVAL);
	ck_errno(ref_sem_timedwait(s, &past) == 0, ETIMEDOUT);
	end = in_ms(5);
	ck_errno(ref_sem_timedwait(s, &end) == 0, ETIMEDOUT);
	ck_errno(ref_sem_clockwait(s, CLOCK_PROCESS_CPUTIME_ID, &end) == 0,
		 EINVAL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_errno(ref_sem_clockwait(s, CLOCK_MONOTONIC, &end) == 0, ETIMEDOUT);
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(ref_sem_clockwait(s, CLOCK_MONOTONIC, &end), 0);
	ck_assert_int_eq(ref_sem_trywait(s), -1);
}
END_TEST

#define CROWD 4

START_TEST(in_turn)
{
	sem_t *s = a_semaphore(0);
	struct ref_waits w = waits_of(s);
	struct call calls[CROWD];
	int i;

	for (i = 0; i < CROWD; i++) {
		calls[i].sem = s;
		start_call(&calls[i], waits);
		await_waiters(&w, (uint32_t)i + 1);
	}
	ck_assert_int_eq(value_of(s), 0);
	for (i = 0; i < CROWD; i++) {
		ck_assert_int_eq(ref_sem_post(s), 0);
		end_call(&calls[i]);
		ck_assert_int_eq(calls[i].result, 0);
	}
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(value_of(s), 1);
}
END_TEST

static pid_t waiting_child(sem_t *s)
{
	struct ref_waits w = waits_of(s);
	pid_t pid = fork();

	if (pid == 0)
		_exit(ref_sem_wait(s));
	await_waiters(&w, 1);
	return pid;
}

/* A waiter that dies takes nothing, unless it has accepted what it was given.
 */
START_TEST(killed_waiters)
{
	sem_t *s = a_semaphore(0);
	struct call c = {.sem = s};
	struct timespec end;
	pid_t pid = waiting_child(s);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(value_of(s), 1);
	ck_assert_int_eq(ref_sem_trywait(s), 0);

	pid = waiting_child(s);
	kill(pid, SIGSTOP);
	ck_assert_int_eq(ref_sem_post(s), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (_i == 0) {
		die_holding(&file_of(s)->gate.lock);
		file_of(s)->value |= 0x80000000u; /* the slow way is asked */
		ck_assert_int_eq(ref_sem_post(s), 0);
		ck_assert_int_eq(value_of(s), 2);
	} else if (_i == 1) {
		end = in_ms(5);
		ck_assert_int_eq(ref_sem_timedwait(s, &end), 0);
		ck_assert_int_eq(value_of(s), 0);
		/* The poster is killed, too: the next one has the slow way. */
		file_of(s)->gate.given = 1;
		file_of(s)->value |= 0x80000000u;
		ck_assert_int_eq(ref_sem_post(s), 0);
		ck_assert(file_of(s)->gate.given == 0);
		ck_assert_int_eq(value_of(s), 1);
	} else {
		die_holding(&file_of(s)->gate.lock);
		start_call(&c, waits);
		end_call(&c);
		ck_assert_int_eq(c.result, 0);
		ck_assert_int_eq(value_of(s), 0);
	}
}
END_TEST

/* What a process has done when it is killed while it moves a post. */
enum killed_after { NOTHING_YET, SAID_SO, VALUE, STATE, ALL };

/* A child takes the lock, moves the post so far, and dies. */
static void die_moving(struct sem_file *f, struct ref_waiter *waiter,
		       enum ref_state to, uint32_t value,
		       enum killed_after after)
{
	struct ref_waits w = {.gate = &f->gate,
			      .waiters = (void *)(&f->gate + 1)};
	pid_t pid = fork();

	if (pid == 0) {
		ref_lock(&f->gate.lock);
		f->redo_value = value;
		if (after >= SAID_SO)
			f->redo = ref_mark(&w, waiter);
		if (after >= VALUE)
			f->value = value;
		if (after >= STATE)
			waiter->state.value +=
			    to - waiter->state.value % REF_STATES;
		if (after >= ALL)
			f->redo = 0;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* A post that has come back goes to a waiter. */
START_TEST(killed_while_giving)
{
	sem_t *s = a_semaphore(0);
	struct sem_file *f = file_of(s);
	struct ref_waits w = waits_of(s);
	struct call c = {.sem = s};

	start_call(&c, waits);
	await_waiters(&w, 1);
	f->value = WAITED_FOR | 1;
	die_moving(f, w.waiters, REF_GIVEN, WAITED_FOR, (enum killed_after)_i);
	ck_assert_int_eq(ref_sem_post(s), 0); /* finds the owner dead */
	end_call(&c);
	ck_assert_int_eq(c.result, 0);
	ck_assert_int_eq(value_of(s), 1);
}
END_TEST

/* A post that was offered comes back from a waiter that is stopped. */
START_TEST(killed_while_taking_back)
{
	sem_t *s = a_semaphore(0);
	struct sem_file *f = file_of(s);
	struct ref_waits w = waits_of(s);
	pid_t pid = waiting_child(s);
	int status;

	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(REF_STATE(w.waiters->state.value), REF_GIVEN);
	ck_assert(ref_revoke(w.waiters));
	f->value = WAITED_FOR;
	die_moving(f, w.waiters, REF_EMPTY, WAITED_FOR | 1,
		   (enum killed_after)_i);
	ck_assert_int_eq(ref_sem_post(s), 0); /* finds the owner dead */
	ck_assert_int_eq(value_of(s), 2);
	ck_assert_int_eq(ref_sem_trywait(s), 0);
	/* The waiter waits anew when it goes on, and takes the other one. */
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(value_of(s), 0);
}
END_TEST

/* A wait that is left by siglongjmp() takes no post. */
START_TEST(left_by_a_jump)
{
	sem_t *s = a_semaphore(0);
	struct ref_waits w = waits_of(s);
	pid_t pid = interrupts_the_wait(&w, jumps_out);

	if (sigsetjmp(out_of_the_wait, 1) == 0) {
		ref_sem_wait(s);
		ck_abort_msg("nobody has posted");
	}
	ck_child(pid);
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(value_of(s), 1);
	ck_assert_int_eq(ref_sem_trywait(s), 0);
	ck_assert_int_eq(value_of(s), 0);
}
END_TEST

static const uint32_t nonsense[] = {0x80000000, 0x80000001, 0x80000005,
				    0xc0000000, 0xfffffffe, UINT32_MAX};

/* A value that says that somebody waits, and nobody does. */
START_TEST(absurd_value)
{
	const struct timespec past = {1, 0};
	sem_t *s = a_semaphore(0);
	struct timespec end = in_ms(5);
	int value;

	file_of(s)->value = nonsense[_i];
	ck_assert_int_eq(value_of(s), 0);
	ck_errno(ref_sem_trywait(s) == 0, EAGAIN);
	ck_errno(ref_sem_timedwait(s, &past) == 0, ETIMEDOUT);
	/* What there is below the mark are posts that have come back. */
	ck_assert_int_eq(ref_sem_timedwait(s, &end),
			 nonsense[_i] == WAITED_FOR ? -1 : 0);
	if (ref_sem_post(s) != 0)
		ck_assert_int_eq(errno, EOVERFLOW);
	value = value_of(s);
	ck_assert_int_gt(value, 0);
	ck_assert_int_eq(ref_sem_wait(s), 0);
	ck_assert_int_eq(value_of(s), value - 1);
}
END_TEST

/* Waiters that are none: dead, or made up, in circles. */
START_TEST(absurd_waiters)
{
	sem_t *s = a_semaphore(0);
	struct ref_waits w = waits_of(s);
	struct ref_gate *g = w.gate;
	unsigned i;

	for (i = 0; i < 3; i++) {
		ref_lock_init(&w.waiters[i].alive);
		w.waiters[i].state.value = REF_WAITING;
		w.waiters[i].side = (uint32_t)_i % 3;
		w.waiters[i].next = (i + 1) % 3 + 1;
		w.waiters[i].before = (i + 1) % 3 + 1;
	}
	if (_i == 3)
		memset((char *)&w.waiters[0].alive + 8, 0xff, 16);
	g->used = _i == 4 ? UINT32_MAX : 3;
	g->first[0] = g->last[0] = _i == 5 ? UINT32_MAX : 1;
	g->ticket = UINT64_MAX;
	w.waiters[0].ticket = w.waiters[1].ticket = UINT64_MAX;
	file_of(s)->value = 0x80000000u;
	ck_assert_int_eq(ref_sem_post(s), 0);
	ck_assert_int_eq(value_of(s), 1);
	ck_assert_int_eq(ref_sem_wait(s), 0);
	ck_assert_int_eq(value_of(s), 0);
}
END_TEST

START_TEST(broken_lock)
{
	sem_t *s = a_semaphore(0);
	struct timespec end = in_ms(1000);

	ref_lock_seconds = 0;
	ck_assert_int_eq(ref_lock(&file_of(s)->gate.lock), REF_LOCKED);
	ck_errno(ref_sem_timedwait(s, &end) == 0, EIO);
	file_of(s)->value = 0x80000000u;
	ck_errno(ref_sem_post(s) == 0, EIO);
	/* The fast way does not need it. */
	file_of(s)->value = 1;
	ck_assert_int_eq(ref_sem_wait(s), 0);
}
END_TEST

static void refused(int error)
{
	ck_errno(ref_sem_open("/s", 0, 0, 0) != SEM_FAILED, error);
	ck_errno(ref_sem_open("/s", O_CREAT, 0600, 1) != SEM_FAILED, error);
}

START_TEST(other_files)
{
	const char *path = path_of(REF_SEM, "/s");
	struct stat st;
	off_t size;
	sem_t *s;

	ck_assert_int_eq(mkdir(path, 0700), 0);
	refused(EISDIR);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	refused(EINVAL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	refused(ELOOP);
	ck_assert_int_eq(unlink(path), 0);
	s = a_semaphore(1);
	ck_assert_int_eq(stat(path, &st), 0);
	size = st.st_size;
	/* While it is open here, too. */
	ck_assert_int_eq(truncate(path, size + 1), 0);
	refused(EINVAL);
	ck_assert_int_eq(ref_sem_close(s), 0);
	ck_assert_int_eq(truncate(path, size - 1), 0);
	refused(EINVAL);
	ck_assert_int_eq(truncate(path, 0), 0);
	refused(EINVAL);
	ck_assert_int_eq(truncate(path, size), 0);
	refused(EINVAL);
}
END_TEST

/* Another build's object may have another size, too. */
START_TEST(of_another_library)
{
	const char *path = path_of(REF_SEM, "/s");
	const uint32_t libc = 77;
	sem_t *s = a_semaphore(1);
	int fd = open(path, O_RDWR);
	struct stat st;

	ck_assert_int_eq(ref_sem_close(s), 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(
	    pwrite(fd, &libc, sizeof(libc), offsetof(struct ref_head, libc)),
	    sizeof(libc));
	refused(ENOTSUP);
	ck_assert_int_eq(ftruncate(fd, st.st_size - 64), 0);
	refused(ENOTSUP);
	close(fd);
}
END_TEST

#define FIELD(name, error)                                                     \
	{                                                                      \
		offsetof(struct sem_file, name),                               \
		    sizeof(((struct sem_file *)0)->name), error                \
	}
static const struct {
	size_t at, size;
	int error;
} constants[] = {
    FIELD(head.magic, EINVAL), FIELD(head.version, ENOTSUP),
    FIELD(head.kind, EINVAL),  FIELD(head.layout, ENOTSUP),
    FIELD(head.libc, ENOTSUP),
};

START_TEST(each_constant_flipped)
{
	sem_t *s = a_semaphore(1);
	int fd = open(path_of(REF_SEM, "/s"), O_RDWR);
	unsigned char byte, flipped;
	size_t i;

	ck_assert_int_eq(ref_sem_close(s), 0);
	for (i = 0; i < constants[_i].size * 8; i++) {
		off_t at = (off_t)(constants[_i].at + i / 8);

		ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
		flipped = (unsigned char)(byte ^ 1 << i % 8);
		ck_assert_int_eq(pwrite(fd, &flipped, 1, at), 1);
		refused(constants[_i].error);
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	}
	s = a_semaphore(9);
	ck_assert_int_eq(value_of(s), 1);
}
END_TEST

/* What is none of ours is the system's. */
START_TEST(unnamed)
{
	const struct timespec past = {1, 0};
	sem_t s;

	if (pipc__os_ref.sem_init(&s, 0, 1) != 0)
		return;
	ck_assert_int_eq(value_of(&s), 1);
	ck_assert_int_eq(ref_sem_trywait(&s), 0);
	ck_errno(ref_sem_trywait(&s) == 0, EAGAIN);
	ck_assert_int_eq(ref_sem_timedwait(&s, &past), -1);
	ck_assert_int_eq(ref_sem_clockwait(&s, CLOCK_REALTIME, &past), -1);
	ck_assert_int_eq(ref_sem_post(&s), 0);
	ck_assert_int_eq(ref_sem_wait(&s), 0);
	ck_errno(ref_sem_close(&s) == 0, EINVAL);
	ck_assert_int_eq(pipc__os_ref.sem_destroy(&s), 0);
}
END_TEST

/* Whatever another process writes into its memory: it has no name. */
START_TEST(unnamed_with_the_bytes_of_a_named_one)
{
	sem_t *named = a_semaphore(7);
	struct {
		sem_t sem;
		char behind[1024];
	} *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec past = {1, 0};
	size_t i;
	int value;

	if (pipc__os_ref.sem_init(&s->sem, 1, 1) != 0)
		return;
	memcpy(&s->sem, named, 16);
	ref_sem_post(&s->sem);
	ref_sem_trywait(&s->sem);
	ref_sem_timedwait(&s->sem, &past);
	ref_sem_getvalue(&s->sem, &value);
	ck_errno(ref_sem_close(&s->sem) == 0, EINVAL);
	for (i = 0; i < sizeof(s->behind); i++)
		ck_assert_int_eq(s->behind[i], 0);
	ck_assert_int_eq(value_of(named), 7);
}
END_TEST

/* Many, in any order; what is no semaphore is never taken for one. */
START_TEST(addresses)
{
	static char pages[4096 * 1000];
	bool known[1000] = {false};
	unsigned i, n, seed = 1;
	struct ref_process p;

	ref_process_enter(&p);
	for (n = 0; n < 20000; n++) {
		seed = seed * 1103515245 + 12345;
		i = (seed >> 8) % (n < 10000 ? 1000 : 100);
		if (known[i])
			ref_address_remove(pages + (i << 12));
		else
			ck_assert(ref_address_add(pages + (i << 12)));
		known[i] = !known[i];
		i = (seed >> 12) % 1000;
		ck_assert(ref_address_find(pages + (i << 12)) == known[i]);
		ck_assert(known[i] || !ref_address_hinted(pages + (i << 12)));
		ck_assert(!ref_address_find(pages + (i << 12) + 64));
	}
	for (i = 0; i < 1000; i++)
		if (known[i])
			ref_address_remove(pages + (i << 12));
	ref_process_leave(&p);
}
END_TEST

static bool is_refused(void *arg)
{
	(void)arg;
	return become(OTHER, OTHER, OTHER) &&
	       ref_sem_open("/s", 0, 0, 0) == SEM_FAILED && errno == EACCES &&
	       ref_sem_unlink("/s") == -1 && errno == EACCES;
}

START_TEST(modes)
{
	struct stat st;

	umask(027);
	ck_assert(ref_sem_open("/m", O_CREAT, 0666, 1) != SEM_FAILED);
	ck_assert_int_eq(stat(path_of(REF_SEM, "/m"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	a_semaphore(1);
	if (geteuid() == 0)
		ck_assert(in_child(is_refused, NULL));
}
END_TEST

#define MANY 520 /* more than have a place */

START_TEST(beyond_the_places)
{
	static struct call calls[MANY];
	sem_t *s = a_semaphore(0);
	int i;

	for (i = 0; i < MANY; i++) {
		calls[i].sem = s;
		start_call(&calls[i], waits);
	}
	for (i = 0; i < MANY; i++)
		ck_assert_int_eq(ref_sem_post(s), 0);
	for (i = 0; i < MANY; i++) {
		end_call(&calls[i]);
		ck_assert_int_eq(calls[i].result, 0);
	}
	ck_assert_int_eq(value_of(s), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref sem");
	TCase *tc = a_case(suite, "sem");

	tcase_add_test(tc, opening);
	tcase_add_test(tc, values);
	tcase_add_test(tc, in_turn);
	tcase_add_loop_test(tc, killed_waiters, 0, 3);
	tcase_add_test(tc, left_by_a_jump);
	tcase_add_loop_test(tc, killed_while_giving, NOTHING_YET, ALL + 1);
	tcase_add_loop_test(tc, killed_while_taking_back, NOTHING_YET, ALL + 1);
	tcase_add_loop_test(tc, absurd_value, 0,
			    (int)(sizeof(nonsense) / sizeof(*nonsense)));
	tcase_add_loop_test(tc, absurd_waiters, 0, 6);
	tcase_add_test(tc, broken_lock);
	tcase_add_test(tc, other_files);
	tcase_add_test(tc, of_another_library);
	tcase_add_loop_test(tc, each_constant_flipped, 0,
			    (int)(sizeof(constants) / sizeof(*constants)));
	tcase_add_test(tc, unnamed);
	tcase_add_test(tc, unnamed_with_the_bytes_of_a_named_one);
	tcase_add_test(tc, addresses);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, beyond_the_places);
	return run_suite(suite);
}
