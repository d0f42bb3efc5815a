/* SPDX-License-Identifier: BSD-3-Clause */
/* Which backend is behind the library, and the list to choose from. */
#include "internal.h"

#include <string.h>

const struct pipc__os *pipc__os = &pipc__os_system;

const struct pipc__backend pipc__backends[] = {
    {"system", "the operating system's own calls", &pipc__os_system},
#ifdef PIPC_REF
    {"ref", "the reference implementation, in user space", &pipc__os_ref},
#endif
    {"null", "a system that has nothing: ENOSYS", &pipc__os_null},
    {NULL, NULL, NULL},
};

const struct pipc__backend *pipc__backend(const char *name)
{
	const struct pipc__backend *b;

	for (b = pipc__backends; b->name != NULL; b++)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}

/* Nobody said which: where the system has no queues they are ours. */
static bool by_default;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A name that is not known is no reason to use objects that nobody meant. */
static void choose(void)
{
	const char *name = pipc__getenv("PIPC_BACKEND");
	const struct pipc__backend *b;

	by_default = name == NULL || *name == '\0';
	if (by_default)
		return;
	b = pipc__backend(name);
	pipc__os = b != NULL ? b->os : &pipc__os_null;
}

const struct pipc__os *pipc__current(void)
{
	pthread_once(&once, choose);
	return pipc__os;
}

#ifdef PIPC_REF
/* No queue has this name, so it is only asked whether there could be one. */
static bool system_has_queues(void)
{
	return pipc__os_system.mq_open("/", O_RDONLY, 0, NULL) !=
		   PIPC__BAD_MQD ||
	       errno != ENOSYS;
}

static const struct pipc__os *queues;
static pthread_once_t queues_once = PTHREAD_ONCE_INIT;

static void choose_queues(void)
{
	queues = system_has_queues() ? &pipc__os_system : &pipc__os_ref;
}

const struct pipc__os *pipc__queues(void)
{
	const struct pipc__os *os = pipc__current();

	if (!by_default || os != &pipc__os_system)
		return os;
	pthread_once(&queues_once, choose_queues);
	return queues;
}
#else
const struct pipc__os *pipc__queues(void)
{
	return pipc__current();
}
#endif

const struct pipc__os *pipc__use(const struct pipc__os *os)
{
	const struct pipc__os *before = pipc__current();

	pipc__os = os;
	by_default = false;
	pipc__limits_forget();
	return before;
}
