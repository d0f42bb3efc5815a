/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Named semaphores: a value in shared memory, and those who wait for it.  What
 * is no semaphore of ours (an unnamed one) is the system's.
 */
#include "ref.h"

/* Above the value: somebody waits, and the value is 0. */
#define WAITED_FOR 0x80000000u
#define MOST 0x7fffffffu
#define MOST_WAITERS 512

struct ref_sem {
	struct ref_head head;
	_Atomic uint32_t value REF_ALIGNED;
	_Atomic uint32_t cpu; /* where it was last posted */
	uint32_t redo_value;
	_Atomic uint64_t redo; /* see store_value() */
	struct ref_gate gate;
	struct ref_waiter waiters[MOST_WAITERS];
};

/* The semaphores that this process has open, each once; see ref_map(). */
struct open_sem {
	struct ref_waits waits;
	struct open_sem *next;
	struct ref_sem *sem;
	dev_t dev;
	ino_t ino;
	_Atomic unsigned references; /* falls to 0 under the process's lock */
};
static struct open_sem *open_sems;

static inline bool ours(sem_t *sem)
{
	return __builtin_expect(ref_address_hinted(sem), 1) ||
	       ref_address_find(sem);
}

static inline struct ref_sem *file_of(sem_t *sem)
{
	return (struct ref_sem *)(void *)sem;
}

static struct ref_sem *of(struct ref_waits *w)
{
	return (struct ref_sem *)(void *)((char *)w->gate -
					  offsetof(struct ref_sem, gate));
}

static struct open_sem *record_of(struct ref_sem *s)
{
	return ref_map_record(s, sizeof(*s));
}

static struct ref_waits *waits_of(struct ref_sem *s)
{
	return &record_of(s)->waits;
}

static void drop_locked(struct open_sem *o) PIPC_REQUIRES(ref_process_lock)
{
	struct open_sem **p;

	if (atomic_fetch_sub(&o->references, 1) > 1)
		return;
	for (p = &open_sems; *p != NULL; p = &(*p)->next)
		if (*p == o) {
			*p = o->next;
			break;
		}
	ref_address_remove(o->sem);
	ref_unmap(o->sem, sizeof(*o->sem), sizeof(*o));
}

static void hold(struct ref_waits *w)
{
	atomic_fetch_add_explicit(&record_of(of(w))->references, 1,
				  memory_order_relaxed);
}

static void release(struct ref_waits *w)
{
	struct open_sem *o = record_of(of(w));
	unsigned n = atomic_load(&o->references);
	struct ref_process p;

	while (n > 1)
		if (atomic_compare_exchange_weak(&o->references, &n, n - 1))
			return;
	ref_process_enter(&p);
	drop_locked(o);
	ref_process_leave(&p);
}

/*
 * When nobody waits, values count again; and when nobody can have been given
 * something and sleep yet, so that whoever posts without the lock need not ask.
 */
static void count_again(struct ref_waits *w) PIPC_REQUIRES(w)
{
	if (!ref_waiting(w->gate, 0) && w->gate->given == 0)
		atomic_fetch_and(&of(w)->value, MOST);
}

/* The value goes to the one whose turn it is, if anybody waits. */
static struct ref_waiter *give_next(struct ref_waits *w, uint32_t *given)
    PIPC_REQUIRES(w)
{
	struct ref_waiter *next = ref_next(w, 0);

	if (next != NULL)
		*given = ref_give(w, next, REF_GIVEN);
	count_again(w);
	return next;
}

/* With the lock, when nobody waits; false when there are as many as can be. */
static bool add_one(struct ref_sem *s)
{
	uint32_t value = atomic_load(&s->value);

	do {
		if ((value & MOST) == MOST)
			return false;
	} while (!atomic_compare_exchange_weak(&s->value, &value,
					       (value & MOST) + 1));
	return true;
}

/*
 * A post goes from a waiter to the value, or from the value to a waiter: the
 * value and the waiter's state change both, or, should this process be killed
 * between, rebuild() does what is left.  While WAITED_FOR is set the value
 * changes under the lock only.
 */
static void store_value(struct ref_waits *w, const struct ref_waiter *waiter,
			uint32_t value) PIPC_REQUIRES(w)
{
	struct ref_sem *s = of(w);

	s->redo_value = value;
	atomic_store(&s->redo, ref_mark(w, waiter));
	atomic_store(&s->value, value);
}

static void put_back(struct ref_waits *w, struct ref_waiter *from)
    PIPC_REQUIRES(w)
{
	struct ref_sem *s = of(w);
	uint32_t value = atomic_fetch_or(&s->value, WAITED_FOR) | WAITED_FOR;

	if ((value & MOST) != MOST)
		value++;
	store_value(w, from, value);
	ref_has_gone_back(from);
	atomic_store(&s->redo, 0);
}

/* Posts that came back go to those who wait.  The caller holds a reference. */
static void settle(struct ref_waits *w)
{
	struct ref_sem *s = of(w);
	struct ref_waiter *next;

	ref_is_locked(w);
	while ((s->value & MOST) != 0 && ref_waiting(w->gate, 0)) {
		next = ref_next(w, 0);
		if (next == NULL)
			break;
		atomic_fetch_or(&s->value, WAITED_FOR);
		store_value(w, next, s->value - 1);
		ref_give(w, next, REF_GIVEN);
		atomic_store(&s->redo, 0);
		ref_wake_given(w);
	}
	count_again(w);
}

static void bury(struct ref_waits *w, struct ref_waiter *dead, enum ref_end end)
{
	ref_is_locked(w);
	if (end == REF_LEAVES_BEHIND)
		put_back(w, dead);
	else
		count_again(w);
}

/* What the one who has died left undone; see store_value(). */
static void redo(struct ref_waits *w) PIPC_REQUIRES(w)
{
	struct ref_sem *s = of(w);
	uint64_t mark = s->redo;
	struct ref_waiter *waiter = ref_marked(w, mark);

	if (mark == 0)
		return;
	atomic_store(&s->value, s->redo_value | WAITED_FOR);
	if (waiter != NULL && REF_STATE(waiter->state.value) == REF_WAITING)
		ref_give(w, waiter, REF_GIVEN);
	else if (waiter != NULL)
		ref_has_gone_back(waiter);
	atomic_store(&s->redo, 0);
}

static void rebuild(struct ref_waits *w)
{
	struct ref_waiter *waiter;
	enum ref_state state;
	uint32_t i;

	ref_is_locked(w);
	redo(w);
	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		state = REF_STATE(waiter->state.value);
		if (state == REF_REVOKED ||
		    (state == REF_GIVEN && ref_has_died(waiter) &&
		     ref_revoke(waiter)))
			put_back(w, waiter);
	}
	ref_rebuild_waiters(w);
	if (ref_waiting(w->gate, 0))
		atomic_fetch_or(&of(w)->value, WAITED_FOR);
	settle(w);
}

static COLD int failed(int error)
{
	errno = error;
	return -1;
}

/* Another reference to one that is open here already. */
static struct open_sem *known(const struct stat *st)
    PIPC_REQUIRES(ref_process_lock)
{
	struct open_sem *o;

	for (o = open_sems; o != NULL; o = o->next)
		if (o->ino == st->st_ino && o->dev == st->st_dev) {
			atomic_fetch_add(&o->references, 1);
			break;
		}
	return o;
}

static struct open_sem *add(struct ref_sem *s, const struct stat *st)
    PIPC_REQUIRES(ref_process_lock)
{
	struct open_sem *o = record_of(s);

	*o = (struct open_sem){.waits = {.gate = &s->gate,
					 .waiters = s->waiters,
					 .most = MOST_WAITERS,
					 .space = s->head.space,
					 .guarded = true,
					 .bury = bury,
					 .settle = settle,
					 .rebuild = rebuild,
					 .hold = hold,
					 .release = release},
			       .next = open_sems,
			       .sem = s,
			       .dev = st->st_dev,
			       .ino = st->st_ino,
			       .references = 1};
	open_sems = o;
	return o;
}

static struct ref_sem *map(int fd)
{
	return ref_map(fd, sizeof(struct ref_sem), sizeof(struct open_sem));
}

/* One that cannot be used; errno stays. */
static void discard(struct ref_sem *s)
{
	int error = errno;

	ref_unmap(s, sizeof(*s), sizeof(struct open_sem));
	errno = error;
}

static struct open_sem *attach(int fd, const struct stat *st)
    PIPC_REQUIRES(ref_process_lock)
{
	struct open_sem *o;
	struct ref_sem *s;

	if (st->st_size != (off_t)sizeof(*s)) {
		errno = ref_refusal(fd, REF_SEM);
		return NULL;
	}
	o = known(st);
	if (o != NULL && o->sem->head.space == ref_space)
		return o;
	if (o != NULL) {
		drop_locked(o);
		errno = ENOTSUP;
		return NULL;
	}
	s = map(fd);
	if (s == MAP_FAILED)
		return NULL;
	if (ref_head_valid(&s->head, REF_SEM) && ref_address_add(s))
		return add(s, st);
	discard(s);
	return NULL;
}

static struct ref_sem *make(int fd, unsigned value)
{
	struct ref_sem *s;

	if (!ref_size(fd, sizeof(*s)))
		return NULL;
	s = map(fd);
	if (s == MAP_FAILED)
		return NULL;
	if (!ref_fill(s, sizeof(*s) - sizeof(s->waiters))) {
		discard(s);
		return NULL;
	}
	ref_head_fill(&s->head, REF_SEM, 0);
	ref_gate_init(&s->gate);
	atomic_init(&s->value, value);
	return s;
}

static struct open_sem *create(const char *path, mode_t mode, unsigned value)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_sem *s;
	struct ref_new new;
	struct stat st;

	if (value > MOST) {
		errno = EINVAL;
		return NULL;
	}
	if (!ref_new_open(&new, mode))
		return NULL;
	/* What may fail does so before it has its name. */
	s = make(new.fd, value);
	if (s != NULL && fstat(new.fd, &st) == 0 && ref_address_add(s)) {
		if (ref_new_publish(&new, path)) {
			pipc__os_system.close(new.fd);
			return add(s, &st);
		}
		ref_address_remove(s);
	}
	ref_new_drop(&new);
	if (s != NULL)
		discard(s);
	return NULL;
}

static struct open_sem *open_or_create(const char *path, int flags, mode_t mode,
				       unsigned value)
    PIPC_REQUIRES(ref_process_lock)
{
	struct open_sem *o;
	struct stat st;
	int fd;

	for (;;) {
		if (!(flags & O_CREAT) || !(flags & O_EXCL)) {
			fd = ref_open(path, O_RDWR, &st);
			if (fd >= 0) {
				o = attach(fd, &st);
				pipc__os_system.close(fd);
				return o;
			}
			if (errno != ENOENT || !(flags & O_CREAT))
				return NULL;
		}
		o = create(path, mode, value);
		if (o != NULL || errno != EEXIST || (flags & O_EXCL))
			return o;
	}
}

sem_t *ref_sem_open(const char *name, int flags, mode_t mode, unsigned value)
{
	char path[REF_PATH_MAX];
	struct ref_process p;
	struct open_sem *o;

	if (!ref_path(path, REF_SEM, name))
		return SEM_FAILED;
	ref_process_enter(&p);
	o = open_or_create(path, flags, mode, value);
	ref_process_leave(&p);
	return o == NULL ? SEM_FAILED : (sem_t *)(void *)o->sem;
}

int ref_sem_close(sem_t *sem)
{
	struct ref_process p;
	struct open_sem *o;

	ref_process_enter(&p);
	for (o = open_sems; o != NULL; o = o->next)
		if ((void *)o->sem == (void *)sem) {
			drop_locked(o);
			break;
		}
	ref_process_leave(&p);
	return o != NULL ? 0 : failed(EINVAL);
}

int ref_sem_unlink(const char *name)
{
	return ref_unlink(REF_SEM, name);
}

/* Somebody waits: the value goes to the one whose turn it is. */
static COLD int post_slowly(struct ref_sem *s)
{
	struct ref_waits *w = waits_of(s);
	struct ref_section section;
	int error = errno;
	bool added = true;

	if (!ref_enter(w, &section))
		return -1;
	ref_look_back(w, &section);
	if (ref_waiting(&s->gate, 0)) {
		ref_before_giving(w, &section);
		ref_hold_mapping(w, &section);
		section.woken = give_next(w, &section.given);
	}
	if (section.woken == NULL)
		added = add_one(s);
	ref_leave(w, &section);
	errno = error;
	return added ? 0 : failed(EOVERFLOW);
}

/* It is not touched after the value: whoever waited may have closed it. */
int ref_sem_post(sem_t *sem)
{
	struct ref_sem *s = file_of(sem);
	uint32_t value;

	if (!ours(sem))
		return pipc__os_system.sem_post(sem);
	atomic_store_explicit(&s->cpu, ref_cpu_hint(), memory_order_relaxed);
	value = atomic_load_explicit(&s->value, memory_order_relaxed);
	do {
		if (value & WAITED_FOR)
			return post_slowly(s);
		if (value == MOST)
			return failed(EOVERFLOW);
	} while (!atomic_compare_exchange_weak(&s->value, &value, value + 1));
	return 0;
}

static inline bool take(struct ref_sem *s)
{
	uint32_t value = atomic_load_explicit(&s->value, memory_order_relaxed);

	while (value != 0 && !(value & WAITED_FOR))
		if (atomic_compare_exchange_weak(&s->value, &value, value - 1))
			return true;
	return false;
}

static bool ready(const void *object)
{
	const struct ref_sem *s = object;
	uint32_t value = atomic_load_explicit(&s->value, memory_order_relaxed);

	return value != 0 && !(value & WAITED_FOR);
}

/* With the lock: true when taken, else it is known that somebody waits. */
static bool take_or_announce(struct ref_sem *s)
{
	uint32_t value;

	do {
		if (take(s))
			return true;
		value = 0;
	} while (
	    !atomic_compare_exchange_strong(&s->value, &value, WAITED_FOR) &&
	    !(value & WAITED_FOR));
	return false;
}

/* Posts that nobody accepts come back: is there one? */
static COLD bool take_back(struct ref_sem *s)
{
	if (!ref_offers_are_due(waits_of(s)))
		return false;
	ref_take_back(waits_of(s));
	return take(s);
}

/* Waits once for its turn; EAGAIN: to be tried again. */
static int wait_in_turn(struct ref_sem *s, const struct ref_until *until)
{
	struct ref_waits *w = waits_of(s);
	struct ref_section section;
	struct ref_waiter *waiter;
	int error;

	if (!ref_enter(w, &section))
		return errno;
	ref_look_after(w, &section);
	count_again(w);
	if (take_or_announce(s)) {
		ref_leave(w, &section);
		return 0;
	}
	/* Nothing in between: who is buried would end the announcement. */
	waiter = ref_join(w, 0, 0);
	if (waiter == NULL)
		count_again(w);
	ref_leave(w, &section);
	if (waiter == NULL)
		return ref_nap(until);
	error = ref_wait(w, waiter, until);
	if (error == 0)
		ref_done(w, waiter);
	return error;
}

static int wait_for_turn(struct ref_sem *s, const struct ref_until *until)
{
	int error = ref_until_check(until);

	if (error != 0)
		return take_back(s) ? 0 : error;
	if (ref_linger(ready, s, s->cpu, waits_of(s)) && take(s))
		return 0;
	do
		error = wait_in_turn(s, until);
	while (error == EAGAIN);
	return error;
}

static void release_sem(void *arg)
{
	release(arg);
}

static COLD int wait_slowly(struct ref_sem *s, const struct ref_until *until)
{
	volatile int error;

	ref_entry = __builtin_frame_address(0);
	if (ref_depth != 0)
		ref_end_own_ghosts();
	hold(waits_of(s));
	pthread_cleanup_push(release_sem, waits_of(s));
	error = wait_for_turn(s, until);
	pthread_cleanup_pop(1);
	return error == 0 ? 0 : failed(error);
}

int ref_sem_wait(sem_t *sem)
{
	static const struct ref_until forever = {NULL, CLOCK_REALTIME};
	struct ref_sem *s = file_of(sem);

	if (!ours(sem))
		return pipc__os_system.sem_wait(sem);
	ref_cancellation_point();
	return take(s) ? 0 : wait_slowly(s, &forever);
}

int ref_sem_trywait(sem_t *sem)
{
	struct ref_sem *s = file_of(sem);

	if (!ours(sem))
		return pipc__os_system.sem_trywait(sem);
	return take(s) || take_back(s) ? 0 : failed(EAGAIN);
}

int ref_sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
	const struct ref_until until = {deadline, CLOCK_REALTIME};
	struct ref_sem *s = file_of(sem);

	if (!ours(sem))
		return pipc__os_system.sem_timedwait(sem, deadline);
	ref_cancellation_point();
	return take(s) ? 0 : wait_slowly(s, &until);
}

int ref_sem_clockwait(sem_t *sem, clockid_t clock,
		      const struct timespec *deadline)
{
	const struct ref_until until = {deadline, clock};
	struct ref_sem *s = file_of(sem);

	if (!ours(sem))
		return pipc__os_system.sem_clockwait(sem, clock, deadline);
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return failed(EINVAL);
	ref_cancellation_point();
	return take(s) ? 0 : wait_slowly(s, &until);
}

int ref_sem_getvalue(sem_t *sem, int *value)
{
	struct ref_sem *s = file_of(sem);
	uint32_t now;

	if (!ours(sem))
		return pipc__os_system.sem_getvalue(sem, value);
	if (ref_offers_are_due(waits_of(s)))
		ref_take_back(waits_of(s));
	now = atomic_load(&s->value);
	*value = now & WAITED_FOR ? 0 : (int)now;
	return 0;
}
