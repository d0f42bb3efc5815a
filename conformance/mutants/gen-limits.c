/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in what the system says of its limits and its version. */
#include "mutant.h"

static long priority_less(int name)
{
	long value = ct_base->sysconf(name);

	/* The highest priority, and not their number. */
	return name == _SC_MQ_PRIO_MAX ? value + 1 : value;
}

CT_MUTANT(gen_sysconf_priorities, .breaks = "GEN-021",
	  .text = "sysconf counts a priority too many",
	  .os.sysconf = priority_less);

static long value_more(int name)
{
	long value = ct_base->sysconf(name);

	return name == _SC_SEM_VALUE_MAX ? value + 1 : value;
}

CT_MUTANT(gen_sysconf_value_more, .breaks = "GEN-021",
	  .text = "sysconf tells a semaphore value that cannot be",
	  .os.sysconf = value_more);

static long version_of_two(int name)
{
	return name == _SC_VERSION ? 2008 : ct_base->sysconf(name);
}

CT_MUTANT(gen_sysconf_version, .breaks = "GEN-021",
	  .text = "sysconf tells a year for the version",
	  .os.sysconf = version_of_two);
