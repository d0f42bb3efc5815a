/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One-way roads for messages and gates for processes: the ones under test and
 * the system's other ones, for scale, behind the same few calls.
 */
#ifndef ST_ROADS_H
#define ST_ROADS_H

struct st_road {
	const struct st_road_type *type;
	const struct pipc__os *os;
	long capacity; /* 0: unknown */
	size_t size;   /* of a message */
	bool waits;    /* whether a full or empty one is waited for */
	const char *name;
	mqd_t mqd;
	int fd[2];
};

struct st_road_type {
	const char *name;
	/* leader: makes one; capacity may come out smaller */
	void (*make)(struct st *st, struct st_road *r);
	/* worker: its own handle to it */
	void (*join)(struct st *st, struct st_road *r);
	/* as mq_send() and mq_receive() */
	int (*send)(struct st_road *r, const char *msg, unsigned prio);
	ssize_t (*receive)(struct st_road *r, char *msg, unsigned *prio);
	void (*remove)(struct st *st, struct st_road *r);
};

extern const struct st_road_type st_road_mq, st_road_pipe, st_road_dgram,
    st_road_sysv;

void st_road(struct st *st, struct st_road *r, const struct st_road_type *type,
	     long capacity, size_t size, bool waits);

struct st_gate {
	const struct st_gate_type *type;
	const struct pipc__os *os;
	const char *name;
	sem_t *sem;
	int fd;
};

struct st_gate_type {
	const char *name;
	void (*make)(struct st *st, struct st_gate *g, unsigned value);
	void (*join)(struct st *st, struct st_gate *g);
	int (*post)(struct st_gate *g);
	int (*wait)(struct st_gate *g);
	long (*value)(struct st_gate *g); /* -1: cannot be told */
	void (*remove)(struct st *st, struct st_gate *g);
};

extern const struct st_gate_type st_gate_sem, st_gate_sysv, st_gate_eventfd;

void st_gate(struct st *st, struct st_gate *g, const struct st_gate_type *type,
	     unsigned value);

#endif
