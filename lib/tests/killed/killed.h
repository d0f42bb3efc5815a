/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the scenes of killed use.
 *
 * A scene is one operation by one process, the victim, which is executed
 * instruction by instruction and killed after a given number of them.  A trial
 * plays the scene once, in a process group of its own: it prepares an object
 * and other processes that wait for it, has the victim killed, and verifies
 * what is left by going on with it.
 */
#ifndef KILLED_H
#define KILLED_H

#include "os.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct scene {
	const char *id;
	void (*prepare)(const struct scene *s);
	int (*act)(void);	 /* the victim: 0 or -1, as a call */
	void (*meanwhile)(void); /* once, when the victim sleeps */
	void (*verify)(const struct scene *s);
	bool thread; /* what is stepped is the thread that it starts */
	/* What the prepare and verify of its kind make of these. */
	int there, senders, receivers;
	bool mixed, far, locked, first_dies, first_stops, victim_last, sends,
	    takes, asks;
};
extern const struct scene mq_scenes[], sem_scenes[], notify_scenes[];

#define PEERS 4
enum phase { BEFORE, DURING, AFTER };

/* Shared by all processes of a trial, and by those that start trials. */
struct trial {
	_Atomic int phase; /* of the victim */
	int result, error; /* of its operation, once it is over */
	unsigned got;	   /* the message that it received */
	struct peer {
		pid_t pid;
		_Atomic bool began, returned;
		int result;
		unsigned got;
	} peer[PEERS];
	int peers;
	/* of the stepping */
	long steps; /* done when it was killed, or in all */
	bool ended; /* before it was to be killed */
	uintptr_t pc;
	char why[200]; /* what does not hold; "" */
	bool unable;   /* processes cannot be stepped here */
};
extern struct trial *trial;

/* Ends the trial: something does not hold. */
_Noreturn void broken(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
#define HOLDS(cond, ...) ((cond) ? (void)0 : broken(__VA_ARGS__))
/* Every wait in a trial ends by then: what takes longer is a hang. */
#define PATIENCE 10 /* seconds */
struct timespec from_now(long ms);
/* Until cond() or for as long as that. */
bool await(bool (*cond)(void));

/* A process that calls act(), with a result, and then stays. */
void peer(int (*act)(struct peer *p));
void peer_is_asleep(int i); /* waits for it */
void peer_dies(int i);
void peer_stops(int i);
/*
 * How old an offer is when it is revoked: soon if a peer is stopped, and else
 * not in a trial, however slow the machine is, so that the order is strict.
 */
void offers_last(const struct scene *s);
/* Until what was offered to a peer that is stopped counts as old. */
void offers_grow_old(void);

/*
 * The way of a victim, when it was first stepped to its end.  On processors
 * with breakpoints the later ones are not stepped: they run to the instruction
 * at which they are to be killed.
 */
#define STEPS_MAX 50000
struct way {
	long steps;  /* 0: not known yet */
	long asleep; /* after so many of them it slept; or 0 */
	uintptr_t pc[STEPS_MAX];
	bool changed[STEPS_MAX]; /* the object's file, by this instruction */
};
extern struct way *way;

/* Forks the victim and kills it after so many steps, or after its end. */
void strike(const struct scene *s, long steps);
extern char object_file[4200]; /* that of the trial's object */
#define OBJECT "/killed"

#endif
