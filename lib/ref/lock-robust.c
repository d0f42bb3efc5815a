/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Locks whose owner's death the kernel tells.
 *
 * When a thread of Linux ends, or executes another program, the kernel marks
 * the locks on the thread's robust list: a list of entries, each at a fixed
 * distance from a word with the number of the thread.  The C library has that
 * list for its own robust mutexes, and takes entries out by the pointers that
 * are in them: in memory that another process may write, these lead anywhere.
 * So an object has no mutexes of the C library.  The entries of the locks here
 * are on the same list, and only the kernel reads what is in them: which one
 * comes before and which after is known from memory that is private.
 *
 * A lock that is held for a moment needs no entry.  The list's head has a
 * place for one lock that is about to be taken or released, and the kernel
 * looks at that, too.
 */
#include "ref.h"

#if REF_ROBUST

#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

/* The kernel's interface: beside the number of the owner in the word. */
#define HAS_WAITERS 0x80000000u
#define OWNER_DIED 0x40000000u
#define OWNER 0x3fffffffu

/* At most that many are on the list, the kernel's limit. */
#define LIST_LIMIT 2048
/* Locks that a thread holds for long: one for each wait that it is in. */
#define MOST 64
/* From the word to an entry at the end of its lock. */
#define FARTHEST                                                               \
	((long)(sizeof(ref_mutex) - offsetof(ref_mutex, word) - sizeof(void *)))
/* A lost call to wake up costs so much; no longer than a wait in lock.c. */
#define SLICE_NS 20000000L

/*
 * The C library chooses the distance, and not every one aligns the entry.  Bit
 * 0 of a pointer says that the next lock is of another kind, and is not part
 * of it.
 */
struct entry {
	struct entry *volatile next;
} __attribute__((packed, may_alias));

struct head {
	struct entry *volatile list;
	long distance; /* from an entry to its word */
	struct entry *volatile pending;
};

/* Hot: in the part of a thread's memory that needs no call to be found. */
#ifdef __GLIBC__
#define HOT __attribute__((tls_model("initial-exec")))
#else
#define HOT
#endif
static _Thread_local HOT struct {
	struct head *head;
	int32_t process; /* that this was found out in */
	uint32_t id;
	uint32_t held; /* of held[] */
} self = {.process = -1};

/* What is on the list, at its end: one after the other. */
static _Thread_local ref_mutex *held[MOST];

/* For want of the C library's. */
static _Thread_local struct head nowhere;

/* This process, in memory that is 0 in a child; then all is found out anew. */
static _Atomic int32_t unknown;
static _Atomic(_Atomic int32_t *) process = &unknown;

static inline struct entry *entry_of(const ref_mutex *lock)
{
	return (struct entry *)(void *)((char *)(uintptr_t)lock -
					self.head->distance);
}

static struct entry *pure(struct entry *e)
{
	return (struct entry *)((uintptr_t)e & ~(uintptr_t)1);
}

static struct entry *end_of_list(void)
{
	return (struct entry *)(void *)&self.head->list;
}

/*
 * The one whose next is that, among the entries that are not ours: these come
 * first, and are in memory that the program trusts.  NULL: there is none.
 */
static struct entry *before(const struct entry *next)
{
	struct entry *e = end_of_list();
	unsigned n;

	for (n = 0; n < LIST_LIMIT && e != NULL; n++) {
		if (pure(e->next) == next)
			return e;
		e = pure(e->next);
	}
	return NULL;
}

/*
 * At the end: the kernel comes to the program's own locks first, whatever is
 * written over our entries; and so does the C library where it searches.
 */
static bool enlist(ref_mutex *lock)
{
	struct entry *last, *e = entry_of(lock);

	if (self.held == MOST)
		return false;
	last = self.held > 0 ? entry_of(held[self.held - 1])
			     : before(end_of_list());
	if (last == NULL)
		return false;
	e->next = end_of_list();
	held[self.held] = lock;
	atomic_signal_fence(memory_order_seq_cst);
	last->next = e;
	self.held++;
	return true;
}

static uint32_t place_of(const ref_mutex *lock)
{
	uint32_t i = self.held;

	while (i > 0 && held[i - 1] != lock)
		i--;
	return i;
}

/* The entry itself may be another process's by now. */
static void strike(uint32_t place)
{
	struct entry *next = end_of_list(), *last;
	uint32_t i;

	if (place < self.held)
		next = entry_of(held[place]);
	last = place > 1 ? entry_of(held[place - 2])
			 : before(entry_of(held[place - 1]));
	if (last != NULL)
		last->next = next;
	self.held--;
	for (i = place - 1; i < self.held; i++)
		held[i] = held[i + 1];
}

/* Some C libraries have no list before its first use. */
static void have_list(void)
{
#ifdef HAVE_PTHREAD_MUTEXATTR_SETROBUST
	pthread_mutexattr_t kind;
	pthread_mutex_t mutex;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&mutex, &kind);
	if (pthread_mutex_lock(&mutex) == 0)
		pthread_mutex_unlock(&mutex);
	pthread_mutex_destroy(&mutex);
	pthread_mutexattr_destroy(&kind);
#endif
}

static struct head *registered(void)
{
	struct head *head = NULL;
	size_t size = 0;

	if (syscall(SYS_get_robust_list, 0, &head, &size) != 0 || head == NULL)
		return NULL;
	/* An entry, and what the C library has before it, is in the lock. */
	if (size != sizeof(*head) ||
	    -head->distance < (long)(sizeof(void *) + sizeof(uint32_t)) ||
	    -head->distance > FARTHEST)
		return NULL;
	return head;
}

/* A child made by a bare system call has none; its parent's is there still. */
static struct head *find_head(struct head *parents)
{
	struct head *head = registered();
	int error = errno;

	if (head == NULL) {
		have_list();
		head = registered();
	}
	if (head == NULL && parents != NULL && parents != &nowhere) {
		syscall(SYS_set_robust_list, parents, sizeof(*parents));
		head = registered();
	}
	if (head == NULL) {
		head = &nowhere;
		head->list = (struct entry *)(void *)&head->list;
		head->distance = -FARTHEST;
	}
	errno = error;
	return head;
}

/* In a child some C libraries keep the list, and with it its parent's locks. */
static void forget(void)
{
	struct entry *last;

	if (self.held > 0 && (last = before(entry_of(held[0]))) != NULL)
		last->next = end_of_list();
	self.held = 0;
}

static void find_process(void)
{
	_Atomic int32_t *none = &unknown, *page;
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (atomic_load(&process) != &unknown)
		return;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return;
	madvise((void *)page, size, MADV_WIPEONFORK);
	atomic_store(page, (int32_t)getpid());
	if (!atomic_compare_exchange_strong(&process, &none, page))
		munmap((void *)page, size);
}

#ifndef __GLIBC__
/*
 * Some C libraries go through the list themselves when a thread ends, by the
 * pointers that are in the entries: so there are none by then.  It is as if the
 * kernel had come before.
 */
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void end_of_thread(void *unused)
{
	ref_mutex *lock;

	(void)unused;
	while (self.held > 0) {
		lock = held[self.held - 1];
		strike(self.held);
		atomic_store(&lock->word, OWNER_DIED);
	}
}

static void make_key(void)
{
	pthread_key_create(&key, end_of_thread);
}

static void before_end_of_thread(void)
{
	pthread_once(&key_once, make_key);
	pthread_setspecific(key, &self);
}
#else
static void before_end_of_thread(void)
{
}
#endif

/* A thread's first lock, or the first one in a child. */
static COLD void introduce(void)
{
	find_process();
	if (self.head != NULL)
		forget();
	self.head = find_head(self.head);
	self.id = (uint32_t)syscall(SYS_gettid);
	before_end_of_thread();
	self.process = (int32_t)getpid();
	atomic_store(atomic_load(&process), self.process);
}

static inline void know_oneself(void)
{
	const _Atomic int32_t *now =
	    atomic_load_explicit(&process, memory_order_relaxed);

	if (self.process != atomic_load_explicit(now, memory_order_relaxed))
		introduce();
}

void ref_locks_forked(void)
{
	atomic_store(atomic_load(&process), 0);
}

bool ref_deaths_are_told(void)
{
	know_oneself();
	return self.head != &nowhere;
}

void ref_lock_init(ref_mutex *lock)
{
	atomic_store(&lock->word, 0);
}

/* Marks that come before stay, until mended. */
static inline enum ref_locked take(ref_mutex *lock)
{
	uint32_t word = 0;

	if (atomic_compare_exchange_strong_explicit(&lock->word, &word, self.id,
						    memory_order_acquire,
						    memory_order_relaxed))
		return REF_LOCKED;
	while ((word & OWNER) == 0)
		if (atomic_compare_exchange_weak(&lock->word, &word,
						 word | self.id))
			return word & OWNER_DIED ? REF_OWNER_DIED : REF_LOCKED;
	return REF_TAKEN;
}

static COLD enum ref_locked take_from_dead(ref_mutex *lock)
{
	uint32_t word = atomic_load(&lock->word);
	int error = errno;
	bool dead = (word & OWNER) != 0 && (word & OWNER) != self.id &&
		    kill((pid_t)(word & OWNER), 0) != 0 && errno == ESRCH;

	errno = error;
	if (dead && atomic_compare_exchange_strong(&lock->word, &word,
						   (word & HAS_WAITERS) |
						       OWNER_DIED | self.id))
		return REF_OWNER_DIED;
	return REF_TAKEN;
}

/* Where nobody tells, and when it takes long: is the owner still there? */
static inline enum ref_locked take_or_inherit(ref_mutex *lock, bool doubt)
{
	enum ref_locked got = take(lock);

	if (got == REF_TAKEN && (doubt || self.head == &nowhere))
		return take_from_dead(lock);
	return got;
}

/*
 * The kernel looks whose the word is: an entry may be there before the lock is
 * had, and after it has been released.
 */
static COLD enum ref_locked take_enlisted(ref_mutex *lock, bool doubt)
{
	enum ref_locked got = REF_TAKEN;

	/*
	 * The entry of a lock that somebody holds is on the owner's list: it is
	 * not written.  Nobody takes it meanwhile, for such locks are taken
	 * under the object's.
	 */
	if (!doubt && self.head != &nowhere &&
	    (atomic_load(&lock->word) & OWNER) != 0)
		return REF_TAKEN;
	if (enlist(lock) && (got = take_or_inherit(lock, doubt)) == REF_TAKEN)
		strike(self.held);
	return got;
}

enum ref_locked ref_trylock_for_long(ref_mutex *lock)
{
	know_oneself();
	return take_enlisted(lock, false);
}

static inline enum ref_locked try(ref_mutex *lock, bool doubt)
{
	enum ref_locked got;

	know_oneself();
	/* Already in use: under another lock, or in a handler. */
	if (self.head->pending != NULL)
		return take_enlisted(lock, doubt);
	self.head->pending = entry_of(lock);
	atomic_signal_fence(memory_order_seq_cst);
	got = take_or_inherit(lock, doubt);
	atomic_signal_fence(memory_order_seq_cst);
	if (got == REF_TAKEN)
		self.head->pending = NULL;
	return got;
}

enum ref_locked ref_trylock(ref_mutex *lock)
{
	return try(lock, false);
}

/* The kernel's own time, of 64 bits with x32 and where there is no other. */
#if defined(__x86_64__) || !defined(SYS_futex_time64) ||                       \
    SYS_futex == SYS_futex_time64
typedef int64_t kernel_long;
#else
typedef long kernel_long;
#endif

static void sleep_in(ref_mutex *lock, uint32_t word)
{
	const kernel_long slice[2] = {0, SLICE_NS};

	syscall(SYS_futex, &lock->word, FUTEX_WAIT, word, slice, NULL, 0);
}

/* Says that it waits; false when there is no owner to wait for. */
static bool announce(ref_mutex *lock, uint32_t *word)
{
	*word = atomic_load(&lock->word);
	while ((*word & OWNER) != 0 && !(*word & HAS_WAITERS))
		if (atomic_compare_exchange_weak(&lock->word, word,
						 *word | HAS_WAITERS))
			*word |= HAS_WAITERS;
	return (*word & OWNER) != 0;
}

enum ref_locked ref_lock_until(ref_mutex *lock, const struct timespec *end)
{
	const struct ref_until until = {end, CLOCK_MONOTONIC};
	enum ref_locked got;
	int error = errno;
	bool slept = false;
	uint32_t word;

	while ((got = try(lock, slept)) == REF_TAKEN &&
	       ref_until_check(&until) == 0)
		if (announce(lock, &word)) {
			sleep_in(lock, word);
			slept = true;
		}
	/* The others who wait are this one's to wake now. */
	if (slept && got != REF_TAKEN)
		atomic_fetch_or(&lock->word, HAS_WAITERS);
	errno = error;
	return got;
}

/* One who was told of a death, and does not mend, leaves that to the next. */
static inline bool release(ref_mutex *lock)
{
	uint32_t left = atomic_load_explicit(&lock->word, memory_order_relaxed);

	return (atomic_exchange_explicit(&lock->word, left & OWNER_DIED,
					 memory_order_release) &
		HAS_WAITERS) != 0;
}

static COLD void wake_one(ref_mutex *lock)
{
	int error = errno;

	syscall(SYS_futex, &lock->word, FUTEX_WAKE, 1, NULL, NULL, 0);
	errno = error;
}

static COLD void unlock_enlisted(ref_mutex *lock)
{
	uint32_t place = place_of(lock);
	bool waited_for = release(lock);

	if (place != 0)
		strike(place);
	if (waited_for)
		wake_one(lock);
}

void ref_unlock(ref_mutex *lock)
{
	know_oneself();
	if (self.head->pending != entry_of(lock)) {
		unlock_enlisted(lock);
		return;
	}
	if (release(lock))
		wake_one(lock);
	atomic_signal_fence(memory_order_seq_cst);
	self.head->pending = NULL;
}

void ref_lock_mend(ref_mutex *lock)
{
	atomic_fetch_and(&lock->word, ~OWNER_DIED);
}

#endif
