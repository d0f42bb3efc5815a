/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fair mode: those on one side of a queue, senders or receivers, take turns.
 *
 * Whoever has a processor while the other side runs would move all there is,
 * and those who wait for one nothing.  So each has a share of so many messages
 * in a round.  The round ends when all who took part in it, and as many as in
 * the last one, have had their shares or found nothing to do; or, as some may
 * be slow, stopped or dead, when one has waited long enough for them.
 */
#include "ref.h"

#include <sched.h>

#define SHARE 32
#define PATIENCE_NS 500000

/* This thread's part in the round that it took part in last. */
static _Thread_local struct part {
	const struct ref_turns *turns;
	uint32_t round, moved;
} parts[REF_SIDES];

static struct part *part_in(const struct ref_turns *t, unsigned side)
{
	struct part *p = &parts[side];

	return p->turns == t && p->round == t->round ? p : NULL;
}

static void next_round(struct ref_turns *t)
{
	t->before = t->present;
	t->present = t->over = 0;
	t->round++;
}

static void end_part(struct ref_turns *t, struct part *p)
{
	p->moved = SHARE;
	t->over++;
	if (t->over >= t->present && t->over >= t->before)
		next_round(t);
}

void ref_turn_used(struct ref_gate *gate, unsigned side)
{
	struct ref_turns *t = &gate->turns[side];
	struct part *p = part_in(t, side);

	if (p == NULL) {
		p = &parts[side];
		*p = (struct part){t, t->round, 0};
		t->present++;
	}
	if (p->moved < SHARE && ++p->moved == SHARE)
		end_part(t, p);
}

void ref_turn_over(struct ref_gate *gate, unsigned side)
{
	struct ref_turns *t = &gate->turns[side];
	struct part *p = part_in(t, side);

	if (p != NULL && p->moved < SHARE)
		end_part(t, p);
}

bool ref_turn_had(const struct ref_gate *gate, unsigned side)
{
	const struct part *p = part_in(&gate->turns[side], side);

	return p != NULL && p->moved >= SHARE;
}

void ref_turn_await(struct ref_waits *w, unsigned side)
{
	struct timespec start;
	struct ref_section s;

	if (!ref_turn_had(w->gate, side))
		return;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		sched_yield();
		if (!ref_turn_had(w->gate, side))
			return;
	} while (ref_ns_since(&start) < PATIENCE_NS);
	if (!ref_enter(w, &s))
		return;
	if (ref_turn_had(w->gate, side))
		next_round(&w->gate->turns[side]);
	ref_leave(w, &s);
}
