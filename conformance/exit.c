/* SPDX-License-Identifier: BSD-3-Clause */
/* The way out of every forked process of the harness. */
#include "run.h"

#ifdef PIPC_COVERAGE
void __gcov_dump(void);
#endif

pid_t ct__here;

_Noreturn void ct_exit(int status)
{
	if (ct__here != 0 && ct__here == getpid())
		ct__leave(status);
#ifdef PIPC_COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}
