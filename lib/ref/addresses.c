/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses of the semaphores that this process has open.  A semaphore is
 * one of ours if its address is, whatever is in it: an unnamed one may be in
 * memory that another process writes.
 *
 * Whoever looks up takes no lock, as it may be a signal handler.  A table that
 * has become too small is left as it is, and is replaced by a larger one.
 */
#include "ref.h"

#include <sys/mman.h>

#define FIRST_SIZE 64
#define REMOVED 1

/* For the first look; each is in the table as well. */
ref_address ref_address_hints[REF_ADDRESS_HINTS];

/* The first one is the number of those that follow, less 1. */
static ref_address first[1 + FIRST_SIZE] = {FIRST_SIZE - 1};
static _Atomic(ref_address *) addresses = first;
static size_t filled; /* also with what has been removed */
static size_t present;

static size_t hash(uintptr_t address)
{
	return ref_address_hash((const void *)address);
}

static void put(ref_address *t, uintptr_t address)
{
	size_t i = hash(address) & t[0];

	while (t[1 + i] > REMOVED)
		i = (i + 1) & t[0];
	filled += t[1 + i] == 0;
	atomic_store_explicit(&t[1 + i], address, memory_order_release);
}

/* With room for twice as many as there are. */
static bool replace(ref_address *old)
{
	ref_address *new;
	size_t size = FIRST_SIZE, i;

	while (size < present * 4)
		size *= 2;
	new = mmap(NULL, (1 + size) * sizeof(*new), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (new == MAP_FAILED)
		return false;
	new[0] = size - 1;
	filled = 0;
	for (i = 0; i <= old[0]; i++)
		if (old[1 + i] > REMOVED)
			put(new, old[1 + i]);
	atomic_store_explicit(&addresses, new, memory_order_release);
	return true;
}

static ref_address *hint(const void *object)
{
	return &ref_address_hints[ref_address_hash(object) % REF_ADDRESS_HINTS];
}

bool ref_address_find(const void *object)
{
	ref_address *t = atomic_load_explicit(&addresses, memory_order_acquire);
	size_t mask = atomic_load_explicit(&t[0], memory_order_relaxed);
	size_t i = ref_address_hash(object) & mask;
	uintptr_t found;

	while ((found = atomic_load_explicit(
		    &t[1 + i], memory_order_relaxed)) != (uintptr_t)object) {
		if (found == 0)
			return false;
		i = (i + 1) & mask;
	}
	return true;
}

bool ref_address_add(const void *object)
{
	ref_address *t = atomic_load(&addresses);

	if (filled >= t[0] / 2) {
		if (!replace(t))
			return false;
		t = atomic_load(&addresses);
	}
	put(t, (uintptr_t)object);
	atomic_store(hint(object), (uintptr_t)object);
	present++;
	return true;
}

/* At the end of a row nothing need be kept for those who look further. */
static void clear_end(ref_address *t, size_t i)
{
	if (t[1 + ((i + 1) & t[0])] != 0)
		return;
	while (t[1 + i] == REMOVED) {
		atomic_store(&t[1 + i], 0);
		filled--;
		i = (i - 1) & t[0];
	}
}

void ref_address_remove(const void *object)
{
	ref_address *t = atomic_load(&addresses);
	size_t i = ref_address_hash(object) & t[0];

	if (*hint(object) == (uintptr_t)object)
		atomic_store(hint(object), 0);
	for (; t[1 + i] != 0; i = (i + 1) & t[0])
		if (t[1 + i] == (uintptr_t)object) {
			atomic_store(&t[1 + i], REMOVED);
			present--;
			clear_end(t, i);
			return;
		}
}
