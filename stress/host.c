/* SPDX-License-Identifier: BSD-3-Clause */
/* What else may explain a number: the machine and its limits. */
#include "run.h"

#include <stdlib.h>
#include <sys/resource.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

static double limit(int which)
{
	struct rlimit r;

	return getrlimit(which, &r) == 0 && r.rlim_cur != RLIM_INFINITY
		   ? (double)r.rlim_cur
		   : -1;
}

/* Linux tells, on some processors; else nobody knows. */
static double hypervisor(void)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	double found = -1;
	char line[8192];

	if (f == NULL)
		return -1;
	while (found < 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "flags", 5) == 0)
			found = strstr(line, " hypervisor") != NULL;
	fclose(f);
	return found;
}

struct st_host st_host(void)
{
	struct st_host h = {.load = -1,
			    .cpus = st_cores(),
			    .hypervisor = hypervisor(),
			    .timer_slack_ns = -1,
			    .queue_bytes = -1,
			    .files = limit(RLIMIT_NOFILE)};
	double load[1];

	if (getloadavg(load, 1) == 1)
		h.load = load[0];
#ifdef PR_GET_TIMERSLACK
	h.timer_slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
#endif
#ifdef RLIMIT_MSGQUEUE
	h.queue_bytes = limit(RLIMIT_MSGQUEUE);
#endif
	return h;
}
