/* SPDX-License-Identifier: BSD-3-Clause */
/* --history: records what concurrent processes do, and judges it. */
#ifndef ST_HISTORY_H
#define ST_HISTORY_H

#include "run.h"

/* Records and judges so many histories; the exit status. */
int st_history(const struct st_options *o, unsigned histories);

#endif
