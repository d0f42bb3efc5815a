/* SPDX-License-Identifier: BSD-3-Clause */
/* Lays a mutant's few calls over a whole backend. */
#include "mutant.h"

#include <string.h>

const struct pipc__os *ct_base;

const struct pipc__os *ct_mutate(const struct pipc__os *base,
				 const struct ct_mutant *mutant)
{
	static struct pipc__os mutated;
	typedef void (*slot)(void);
	slot from;
	size_t at;

	ct_base = base;
	mutated = *base;
	/* The table holds nothing but pointers to functions. */
	for (at = 0; at < sizeof(mutated); at += sizeof(slot)) {
		memcpy(&from, (const char *)&mutant->os + at, sizeof(from));
		if (from != NULL)
			memcpy((char *)&mutated + at, &from, sizeof(from));
	}
	/* The library waits by the calls that a mutant replaces. */
	if (mutant->os.sem_timedwait != NULL &&
	    mutant->os.sem_clockwait == NULL)
		mutated.sem_clockwait_np = pipc__os_null.sem_clockwait_np;
	if (mutant->os.mq_timedsend != NULL)
		mutated.mq_clocksend_np = pipc__os_null.mq_clocksend_np;
	if (mutant->os.mq_timedreceive != NULL)
		mutated.mq_clockreceive_np = pipc__os_null.mq_clockreceive_np;
	if (mutant->init != NULL)
		mutant->init();
	return &mutated;
}

void *ct_mutant_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		ct_exit(2);
	return p;
}
