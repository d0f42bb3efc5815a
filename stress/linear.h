/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Is a history of concurrent operations linearizable?  That is: can each be
 * given an instant between its begin and its end so that, one after the other
 * at these instants, they do what a bounded, stable priority queue (or a
 * counting semaphore) does.
 */
#ifndef ST_LINEAR_H
#define ST_LINEAR_H

#include <stdbool.h>
#include <stdint.h>

#define ST_LINEAR_OPS 512
#define ST_LINEAR_CAPACITY 16

enum st_kind { ST_SEND, ST_RECEIVE, ST_MESSAGES, ST_POST, ST_WAIT, ST_VALUE };

/* How it ended; a pending one may or may not have had its effect. */
enum st_end { ST_OK, ST_REFUSED, ST_PENDING };

struct st_op {
	uint32_t begin, end; /* stamps of one clock, all different */
	uint8_t process, kind, how, how_ended;
	uint16_t prio;
	uint32_t
	    message; /* unique; or the count that ST_MESSAGES, ST_VALUE saw */
};

enum st_linear { ST_LINEAR_YES, ST_LINEAR_NO, ST_LINEAR_UNDECIDED };

/* capacity: of the queue; a semaphore's history ignores it. */
enum st_linear st_linearizable(const struct st_op *ops, unsigned n,
			       unsigned capacity);

/*
 * Leaves operations out of a history that is not linearizable as long as what
 * stays is not either, in ways that keep a linearizable history so: refused
 * ones and counts; what begins after the violation; and, where nothing is
 * refused for want of room, a message's send with its receive.  Returns how
 * many stay.
 */
unsigned st_linear_shrink(struct st_op *ops, unsigned n, unsigned capacity);

#endif
