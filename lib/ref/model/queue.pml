/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The protocol of lib/ref/mq.c and wait.c, for Spin: commit, hand-over, wake,
 * copies without the lock, and recovery.  Two senders and two receivers, and
 * one process that comes when all is quiet: for what a killed process left
 * undone is done by whoever comes next.  Each step is one store that is true,
 * with what is derived from it (nobody sees that without the lock, and a death
 * with the lock makes it anew); KILLS processes are killed between any two.
 * make model says what is checked.
 *
 * A call that need not wait copies with the lock, or without it.  Each process
 * has a place among the waiters of its own.
 *
 * The kernel's part: a lock whose owner is dead can be taken, and says so; a
 * process sleeps only while its word has the value that it saw.
 */
#ifndef ROOM
#define ROOM 1	/* messages in a full queue */
#endif
#ifndef FIRST
#define FIRST 1 /* messages of the first sender, and of the first receiver */
#endif
#define EACH 2 /* at most; the others have one */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef FAR
#define FAR 1	/* 0: copies with the lock alone */
#endif

#define PEOPLE 5 /* senders 0 and 1, receivers 2 and 3, and who comes last */
#define LAST 4
#define NOBODY 255
#define NOTHING 255	   /* in a slot that is not written yet */
#define SLOTS (ROOM + PEOPLE + 2) /* 0 is none */
#define NUMBERS (2 * EACH + 2) /* of messages: 1 + 2 * i + sender */

#define FREE 0
#define WAITING 1
#define GIVEN 2
#define SENDS 0
#define RECEIVES 1

bool alive[PEOPLE] = true;
bool finished[PEOPLE];
byte kills_left = KILLS;

/* What is true, in shared memory. */
byte owner = NOBODY;
byte seq[SLOTS], text[SLOTS] = NOTHING;
byte state[PEOPLE], side[PEOPLE], slot_of[PEOPLE], ticket[PEOPLE];
byte times[PEOPLE]; /* the number above the state */
byte given, given_times;

/* What is derived from it. */
bool taken[SLOTS], listed[PEOPLE];
byte order[SLOTS], count;
byte next_seq = 1, next_ticket;
hidden byte k; /* counts inside of a step */

/* The kernel's: who sleeps. */
bool asleep[PEOPLE];

/* What is to be shown: told to senders, returned to receivers. */
bool acknowledged[NUMBERS], returned[NUMBERS];
byte newest[PEOPLE * 2]; /* that a receiver has of a sender */
bool quiet;		 /* once: all sleep or have ended */

/* Helpers without steps of their own: inside d_step only. */

inline first_listed(which, found) {
	found = NOBODY;
	for (k : 0 .. PEOPLE - 1) {
		if
		:: listed[k] && side[k] == which &&
		   (found == NOBODY || ticket[k] < ticket[found]) -> found = k
		:: else
		fi
	}
	k = 0
}

inline append(s) {
	order[count] = s;
	count++
}

inline take_first(s) {
	s = order[0];
	for (k : 0 .. SLOTS - 2) { order[k] = order[k + 1] }
	order[SLOTS - 1] = 0;
	k = 0;
	count--
}

inline fresh_slot(s) {
	s = 1;
	do
	:: taken[s] -> s++; assert(s < SLOTS)
	:: else -> break
	od;
	taken[s] = true;
	text[s] = NOTHING
}

inline free_slot(s) {
	seq[s] = 0;
	taken[s] = false;
	text[s] = NOTHING
}

/* Steps */

inline commit(s) { d_step { seq[s] = next_seq; next_seq++ } }

inline unpark(p) { asleep[p] = false }

inline give(p) {
	d_step { given = p + 1; given_times = times[p] }
	state[p] = GIVEN
}

inline wake(p, t) {
	unpark(p);
	d_step {
		if
		:: given == p + 1 && given_times == t -> given = 0
		:: else
		fi
	}
}

/* The next who waits on that side and lives; or NOBODY. */
inline next_waiter(which, found) {
	do
	:: d_step {
		first_listed(which, found);
		if
		:: found != NOBODY -> listed[found] = false
		:: else
		fi
	   }
	   if
	   :: found != NOBODY && !alive[found] ->
		state[found] = FREE;
		d_step { free_slot(slot_of[found]); slot_of[found] = 0 }
	   :: else -> break
	   fi
	od
}

inline hand_over(r, s) {
	slot_of[r] = s;
	commit(s);
	give(r)
}

inline let_in(p) {
	d_step { seq[slot_of[p]] = next_seq; next_seq++; append(slot_of[p]) }
	give(p);
	slot_of[p] = 0
}

inline rebuild() {
	do
	:: d_step {
		i < PEOPLE ->
		if
		:: side[i] == RECEIVES && state[i] == WAITING -> slot_of[i] = 0
		:: side[i] == SENDS && slot_of[i] != 0 && seq[slot_of[i]] != 0 ->
			if
			:: state[i] == WAITING -> state[i] = GIVEN
			:: else
			fi;
			slot_of[i] = 0
		:: else
		fi;
		i++
	   }
	:: d_step { i == PEOPLE -> i = 0 } break
	od;
	do
	:: d_step {
		i < PEOPLE ->
		if
		:: state[i] != FREE && !alive[i] -> state[i] = FREE
		:: state[i] == GIVEN && alive[i] -> unpark(i)
		:: else
		fi;
		i++
	   }
	:: d_step { i == PEOPLE -> i = 0; given = 0 } break
	od;
	do
	:: d_step {
		i < PEOPLE ->
		listed[i] = state[i] == WAITING;
		if
		:: state[i] == FREE && slot_of[i] != 0 ->
			seq[slot_of[i]] = 0;
			slot_of[i] = 0
		:: else
		fi;
		i++
	   }
	:: d_step { i == PEOPLE -> i = 0; index_anew() } break
	od;
	settle()
}

/* All slots with a message that is in nobody's place, by seq. */
inline index_anew() {
	count = 0;
	for (k : 0 .. SLOTS - 1) { order[k] = 0; taken[k] = false }
	for (k : 0 .. PEOPLE - 1) {
#ifdef BUG_FREE_OWNS_NOTHING
		if
		:: state[k] == FREE
		:: else -> taken[slot_of[k]] = true
		fi
#else
		taken[slot_of[k]] = true
#endif
	}
	taken[0] = true;
	do
	:: s2 = 0;
	   for (k : 1 .. SLOTS - 1) {
		if
		:: !taken[k] && seq[k] != 0 && (s2 == 0 || seq[k] < seq[s2]) ->
			s2 = k
		:: else
		fi
	   }
	   if
	   :: s2 == 0 -> break
	   :: else -> taken[s2] = true; append(s2)
	   fi
	od;
	for (k : 1 .. SLOTS - 1) {
		if
		:: !taken[k] -> text[k] = NOTHING
		:: else
		fi
	}
	k = 0
}

inline settle() {
	do
	:: count > 0 ->
		next_waiter(RECEIVES, p2);
		if
		:: p2 == NOBODY -> break
		:: else ->
			d_step { take_first(s3) }
			hand_over(p2, s3);
			s3 = 0;
			wake(p2, times[p2])
		fi
	:: else -> break
	od;
	do
	:: count < ROOM ->
		next_waiter(SENDS, p2);
		if
		:: p2 == NOBODY -> break
		:: else -> let_in(p2); wake(p2, times[p2])
		fi
	:: else -> break
	od;
	p2 = 0
}

/* Who was given something last sleeps yet if its waker was killed. */
inline look_back() {
#ifndef BUG_NO_LOOK_BACK
	d_step {
		if
		:: given != 0 && state[given - 1] == GIVEN &&
		   times[given - 1] == given_times -> unpark(given - 1)
		:: else
		fi
	}
	given = 0
#else
	skip
#endif
}

inline lock() {
	if
	:: d_step { owner == NOBODY && given == 0 -> owner = me }
	:: d_step { owner == NOBODY && given != 0 -> owner = me }
	   look_back()
	:: d_step { owner != NOBODY && !alive[owner] -> owner = me }
	   rebuild()
	fi
}

inline unlock() { owner = NOBODY }

/* One's place is used again: the slot that stayed with it is free. */
inline unused() {
	if
	:: slot_of[me] != 0 -> free_slot(slot_of[me]); slot_of[me] = 0
	:: else
	fi
}

inline join(which, s) {
	d_step {
		unused();
		side[me] = which;
		slot_of[me] = s;
		ticket[me] = next_ticket;
		next_ticket++
	}
	d_step { times[me]++; state[me] = WAITING; listed[me] = true }
}

/* As one who was given something; inside d_step only. */
inline hold(which) {
	unused();
	side[me] = which;
	times[me]++;
	state[me] = GIVEN
}

inline own(s) {
#ifndef BUG_SLOT_UNTOLD
	slot_of[me] = s
#else
	skip
#endif
}

/* Woken by anybody, it looks again. */
inline sleep() {
	do
	:: state[me] != WAITING -> break
#ifdef BUG_SLEEP_UNSEEN
	:: state[me] == WAITING -> asleep[me] = true; !asleep[me]
#else
	:: d_step { state[me] == WAITING -> asleep[me] = true } !asleep[me]
#endif
	od
}

inline acknowledge(m) { acknowledged[m] = true; s = 0; p = 0; t = 0 }

/* With the lock: what is written goes to whom, or where, it should. */
inline post() {
	next_waiter(RECEIVES, p);
	if
	:: p != NOBODY -> hand_over(p, s)
	:: d_step {
		p == NOBODY -> seq[s] = next_seq; next_seq++; append(s)
	   }
	fi
}

inline send(m) {
	do
	:: lock();
	   if
	   :: d_step { count >= ROOM -> fresh_slot(s); text[s] = m }
		join(SENDS, s);
		unlock();
		sleep();
		atomic { state[me] = FREE; acknowledge(m) }
		break
	   :: d_step { count < ROOM -> fresh_slot(s); text[s] = m }
		post();
		if
		:: d_step { p != NOBODY -> t = times[p]; unlock() }
		   wake(p, t);
		   d_step { acknowledge(m) }
		:: d_step { p == NOBODY -> unlock(); acknowledge(m) }
		fi;
		break
	   :: d_step { FAR && count < ROOM -> hold(SENDS); fresh_slot(s) }
		own(s);
		unlock();
		text[s] = m;
		lock();
		if
		:: count < ROOM ->
			post();
			slot_of[me] = 0;
			if
			:: d_step { p != NOBODY -> t = times[p]; unlock() }
			   wake(p, t)
			:: d_step { p == NOBODY -> unlock() }
			fi;
			d_step { state[me] = FREE; acknowledge(m) }
			break
		:: d_step { count >= ROOM -> free_slot(s) }
			d_step { slot_of[me] = 0; s = 0 }
			state[me] = FREE;
			unlock()
		fi
	   fi
	od
}

/* Its order among those of the same sender, and that it is whole and one. */
inline returns(m) {
		assert(m != NOTHING && m > 0);
		assert(!returned[m]);
		returned[m] = true;
		if
		:: m < 2 * EACH + 1 ->
			assert(newest[me * 2 + (m - 1) % 2] < m);
			newest[me * 2 + (m - 1) % 2] = m
		:: else
		fi;
		s = 0; p = 0; t = 0; m = 0
}

inline receive() {
	lock();
	if
	:: count == 0 ->
		join(RECEIVES, 0);
		unlock();
		sleep();
		s = slot_of[me]
	:: count > 0 ->
		if
		:: d_step { take_first(s); m = text[s]; free_slot(s); s = 0 }
		:: d_step { FAR -> take_first(s); hold(RECEIVES) } own(s)
		fi;
		next_waiter(SENDS, p);
		if
		:: p != NOBODY ->
			let_in(p);
			d_step { t = times[p]; unlock() }
			wake(p, t)
		:: d_step { p == NOBODY -> unlock() }
		fi
	fi;
	/* Copied; or nobody touches it meanwhile, and it stays with the place. */
	if
	:: d_step { m != 0 -> returns(m) }
	:: d_step { m == 0 -> m = text[s] }
	   d_step { assert(text[s] == m); state[me] = FREE; returns(m) }
	fi
}

#define LOCALS byte i, m, n, p, p2, s, s2, s3, t

proctype sender(byte me, messages) provided (alive[me]) {
	LOCALS;

	do
	:: n < messages ->
		send(1 + 2 * n + me);
		n++
	:: else -> break
	od;
	finished[me] = true
}

proctype receiver(byte me, messages) provided (alive[me]) {
	LOCALS;

	do
	:: n < messages ->
		receive();
		n++
	:: else -> break
	od;
	finished[me] = true
}

/* Whoever comes next: to those who wait to receive, to those who send. */
proctype late(byte me) {
	LOCALS;

	quiet;
	if
	:: (alive[2] && !finished[2]) || (alive[3] && !finished[3]) ->
		send(NUMBERS - 1)
	:: else ->
		if
		:: (alive[0] && !finished[0]) || (alive[1] && !finished[1]) ->
			receive()
		:: else
		fi
	fi;
	finished[me] = true
}

proctype killer() {
	do
	:: kills_left > 0 && !quiet ->
		atomic {
			if
			:: alive[0] && !finished[0] -> alive[0] = false
			:: alive[1] && !finished[1] -> alive[1] = false
			:: alive[2] && !finished[2] -> alive[2] = false
			:: alive[3] && !finished[3] -> alive[3] = false
			:: skip
			fi;
			kills_left--
		}
	:: else -> break
	od
}

inline everybody_is_served() {
	byte in_it, lost, dead_receivers, a;

	d_step {
		/* What a receiver was given is in the queue no longer. */
		for (a : 0 .. PEOPLE - 1) {
			if
			:: side[a] == RECEIVES && state[a] != WAITING ->
				seq[slot_of[a]] = 0
			:: else
			fi
		}
		for (a : 1 .. SLOTS - 1) {
			in_it = in_it + (seq[a] != 0)
		}
		for (a : 0 .. PEOPLE - 1) {
			/* Nobody sleeps who was given what it waits for, */
			assert(!(alive[a] && state[a] == GIVEN));
			/* nor while there is a message, or room; */
			assert(!(alive[a] && state[a] == WAITING &&
				 side[a] == RECEIVES && in_it > 0));
			assert(!(alive[a] && state[a] == WAITING &&
				 side[a] == SENDS && in_it < ROOM));
		}
		/* who does not wait has ended; */
		assert(finished[LAST] || state[LAST] == WAITING);
		for (a : 0 .. PEOPLE - 2) {
			assert(!alive[a] || finished[a] || state[a] == WAITING)
		}
		/* what was acknowledged is there, or gone with a receiver. */
		dead_receivers = (!alive[2]) + (!alive[3]);
		for (a : 1 .. NUMBERS - 1) {
			if
			:: acknowledged[a] && !returned[a] -> lost++
			:: else
			fi
		}
		assert(lost <= in_it + dead_receivers)
	}
}

init {
	atomic {
		run sender(0, FIRST); run sender(1, 1);
		run receiver(2, FIRST); run receiver(3, 1);
		run late(LAST);
		run killer()
	}
	timeout -> quiet = true;
	timeout -> everybody_is_served()
}
