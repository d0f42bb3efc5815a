/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The protocol of lib/ref/mq.c and wait.c, for Spin: commit, offers, wake,
 * revocation, copies without the lock, and recovery.  One sender of two
 * messages, RECEIVERS receivers, and one process that comes when all is quiet:
 * for what a killed process left undone is done by whoever comes next.
 *
 * Each step is one store that is true, with what is derived from it (nobody
 * sees that without the lock, and a death with the lock makes it anew).  KILLS
 * processes are killed between any two steps, and STOPS are stopped, until all
 * the others have done what they can.  Time has no measure: an offer that is
 * looked at may be old or not, and a process that is to look after a while may
 * do so at any time; LOOKS times each.
 *
 * Message m, of two priorities, has slot m, which is used once: that a slot is
 * not used again while it is copied is asserted instead.
 *
 * The kernel's part: a lock whose owner is dead can be taken, and says so; a
 * process sleeps only while its word has the value that it saw; a stop ends the
 * sleep, so that waking finds nobody.
 */
#ifndef ROOM
#define ROOM 1 /* messages in a full queue */
#endif
#ifndef RECEIVERS
#define RECEIVERS 2
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef STOPS
#define STOPS 1
#endif
#ifndef LOOKS
#define LOOKS 1
#endif
#ifndef FAR
#define FAR 0 /* 1: copies without the lock, too */
#endif
#ifndef NET
#define NET 1 /* 0: nobody looks because a long time has passed */
#endif

#define SENDER 0
#define LAST (RECEIVERS + 1)
#define PEOPLE (RECEIVERS + 2)
#define NOBODY 255
#define MESSAGES 2

#define FREE 0
#define WAITING 1
#define GIVEN 2
#define ACCEPTED 3
#define REVOKED 4
#define EMPTY 5
#define SENDS 0
#define RECEIVES 1
#define NEVER 0 /* when a waiter is to look */
#define LATE 1
#define SOON 2

bool alive[PEOPLE] = true;
bool stopped[PEOPLE];
bool finished[PEOPLE];
byte kills_left = KILLS, stops_left = STOPS;

/* What is true, in shared memory. */
byte owner = NOBODY;
byte seq[MESSAGES + 1];
bool high[MESSAGES + 1]; /* its priority */
byte state[PEOPLE], side[PEOPLE], slot_of[PEOPLE], ticket[PEOPLE];
byte times[PEOPLE]; /* the number above the state */
bool held[PEOPLE];  /* the place's own lock */
byte given, given_times;

/* What is derived from it. */
bool queued[MESSAGES + 1], listed[PEOPLE];
bool offers;
byte count;
hidden byte k, j;

/* Who sleeps, which is the kernel's to know; and when it is to look. */
bool asleep[PEOPLE];
byte watch[PEOPLE], looks[PEOPLE] = LOOKS;

/* What is to be shown. */
bool acknowledged[MESSAGES + 1], returned[MESSAGES + 1];
byte accepted_by[MESSAGES + 1]; /* 1 + a receiver */
bool old[PEOPLE];		/* an offer to it, found old */
bool quiet;			/* once: all sleep, are stopped, or have ended */

/* Helpers without steps of their own: inside d_step only. */

#define DIED(p) (!alive[p] || !held[p])
#define PRECEDES(a, b) (high[a] != high[b] -> high[a] : (a) < (b))

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

/* By priority and number. */
inline first_queued(s) {
	s = 0;
	for (k : 1 .. MESSAGES) {
		if
		:: queued[k] && (s == 0 || (high[k] && !high[s]) ||
		   (high[k] == high[s] && seq[k] < seq[s])) -> s = k
		:: else
		fi
	}
	k = 0
}

/*
 * Message s is given or taken from the queue: no other that comes before it is
 * there, or with a receiver that has had its time.
 */
inline in_order(s) {
	for (k : 1 .. MESSAGES) {
		assert(!(queued[k] && k != s && PRECEDES(k, s)))
	}
	for (k : 0 .. PEOPLE - 1) {
		assert(!(old[k] && (state[k] == GIVEN || state[k] == REVOKED) &&
			 slot_of[k] != 0 && slot_of[k] != s &&
			 PRECEDES(slot_of[k], s)))
	}
	k = 0
}

inline add(s) { queued[s] = true; count++ }

inline take_first(s) {
	first_queued(s);
	in_order(s);
	queued[s] = false;
	count--
}

inline wake_to_look(which) {
	j = NOBODY;
	for (k : 0 .. PEOPLE - 1) {
		if
		:: listed[k] && side[k] == which && asleep[k] &&
		   (j == NOBODY || ticket[k] < ticket[j]) -> j = k
		:: else
		fi
	}
	if
	:: j != NOBODY -> asleep[j] = false
	:: else
	fi;
	k = 0;
	j = 0
}

/* One who does not sleep may be stopped: the one behind it looks. */
inline unpark(p) {
	if
	:: asleep[p] -> asleep[p] = false
	:: else ->
#ifndef BUG_NEXT_NOT_WOKEN
		if
		:: state[p] == GIVEN -> wake_to_look(side[p])
		:: else
		fi
#else
		skip
#endif
	fi
}

/* Steps */

/* The numbers of messages go up. */
inline number(s) {
	for (k : 1 .. MESSAGES) {
		if
		:: seq[k] >= seq[s] && k != s -> seq[s] = seq[k] + 1
		:: else
		fi
	}
	if
	:: seq[s] == 0 -> seq[s] = 1
	:: else
	fi;
	k = 0
}

inline commit(s) { d_step { number(s) } }

inline give(p, how) {
	d_step {
		given = p + 1; given_times = times[p];
		offers = offers || how == GIVEN;
		old[p] = false
	}
	state[p] = how
}

inline wake(p, t) {
	d_step { unpark(p) }
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
		d_step { seq[slot_of[found]] = 0; slot_of[found] = 0 }
	   :: else -> break
	   fi
	od
}

/* One that comes from the queue has its number. */
inline hand_over(r, s) {
	slot_of[r] = s;
	if
#ifdef BUG_NEW_NUMBER
	:: true -> commit(s)
#else
	:: seq[s] == 0 -> commit(s)
	:: seq[s] != 0
#endif
	fi;
	give(r, GIVEN)
}

inline let_in(p) {
	d_step { number(slot_of[p]); add(slot_of[p]) }
	give(p, ACCEPTED);
	slot_of[p] = 0
}

inline settle() {
	do
	:: count > 0 ->
		next_waiter(RECEIVES, p2);
		if
		:: p2 == NOBODY -> break
		:: else ->
			d_step { take_first(s2) }
			hand_over(p2, s2);
			s2 = 0;
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

/* All slots with a message that is in nobody's place. */
inline index_anew() {
	count = 0;
	for (k : 1 .. MESSAGES) { queued[k] = seq[k] != 0 }
	for (k : 0 .. PEOPLE - 1) { queued[slot_of[k]] = false }
	queued[0] = false;
	for (k : 1 .. MESSAGES) { count = count + queued[k] }
	k = 0
}

/* What a waiter was given goes back; it is REVOKED. */
inline take_back(p) {
#ifdef BUG_EMPTY_FIRST
	state[p] = EMPTY;
	seq[slot_of[p]] = 0;
	commit(slot_of[p]);
	slot_of[p] = 0
#else
	slot_of[p] = 0;
	d_step {
		if
		:: state[p] == REVOKED -> state[p] = EMPTY
		:: else
		fi
	}
#endif
}

/*
 * Offers of the dead go back, and those that are old; all of them, before any
 * is given again.
 */
inline look_at_offers() {
	if
	:: offers ->
		d_step {
			for (k : 0 .. PEOPLE - 1) {
				if
				:: state[k] == GIVEN -> old[k] = true
				:: else
				fi
			}
			k = 0
		}
		moved = false;
		do
		:: i < PEOPLE ->
			if
			:: state[i] == GIVEN ->
				/* Between the look and the change it may go on. */
#ifdef BUG_REVOKE_UNCHECKED
				state[i] = REVOKED;
				take_back(i);
				moved = true
#else
				if
				:: d_step { state[i] == GIVEN -> state[i] = REVOKED }
					take_back(i);
					moved = true
				:: state[i] != GIVEN
				fi
#endif
#ifdef BUG_GIVEN_AT_ONCE
				;
				if
				:: moved -> d_step { index_anew() } settle()
				:: else
				fi
#endif
			:: else
			fi;
			d_step {
				if
				:: !alive[i] && (state[i] == EMPTY ||
						 state[i] == REVOKED) ->
					state[i] = FREE
				:: else
				fi;
				i++
			}
		:: else -> break
		od;
		i = 0;
		if
		:: moved -> d_step { index_anew(); moved = false } settle()
		:: else
		fi;
		d_step {
			offers = false;
			for (k : 0 .. PEOPLE - 1) {
				offers = offers || state[k] == GIVEN;
				old[k] = false
			}
			k = 0
		}
	:: true /* they are young, or there are none */
	fi
}

inline rebuild() {
	do
	:: i < PEOPLE ->
		st = state[i];
		if
		:: side[i] == RECEIVES && (st == WAITING || st == REVOKED) ->
			slot_of[i] = 0
		:: side[i] == RECEIVES && st == GIVEN && DIED(i) ->
#ifdef BUG_DEAD_UNREVOKED
			slot_of[i] = 0
#else
			if
			:: d_step { state[i] == GIVEN -> state[i] = REVOKED }
				slot_of[i] = 0
			:: state[i] != GIVEN
			fi
#endif
		:: side[i] == SENDS && slot_of[i] != 0 && seq[slot_of[i]] != 0 ->
			if
			:: st == WAITING -> state[i] = ACCEPTED
			:: else
			fi;
			slot_of[i] = 0
		:: else
		fi;
		i++
	:: else -> break
	od;
	st = 0;
	i = 0;
	do
	:: d_step {
		i < PEOPLE ->
		if
		:: state[i] != FREE && DIED(i) -> state[i] = FREE
		:: state[i] != FREE && !DIED(i) -> asleep[i] = false
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
	:: d_step { i == PEOPLE -> i = 0; offers = true; index_anew() } break
	od;
	settle()
}

/* Who was given something last sleeps yet if its waker was killed. */
inline look_back() {
#ifndef BUG_NO_LOOK_BACK
	d_step {
		if
		:: given != 0 && times[given - 1] == given_times &&
		   (state[given - 1] == GIVEN || state[given - 1] == ACCEPTED) ->
			unpark(given - 1)
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
	:: slot_of[me] != 0 -> seq[slot_of[me]] = 0; slot_of[me] = 0
	:: else
	fi;
	held[me] = true
}

inline join(which, s) {
	d_step {
		unused();
		first_listed(which, p);
		watch[me] = (offers -> SOON : (p != NOBODY -> LATE : NEVER));
		side[me] = which;
		slot_of[me] = s;
		ticket[me] = 1;
		for (k : 0 .. PEOPLE - 1) {
			if
			:: k != me && state[k] == WAITING && ticket[k] >= ticket[me] ->
				ticket[me] = ticket[k] + 1
			:: else
			fi
		}
		k = 0;
		p = 0
	}
	d_step { times[me]++; state[me] = WAITING; listed[me] = true }
}

/* As one who has accepted something; inside d_step only. */
inline hold(which) {
	unused();
	side[me] = which;
	times[me]++;
	state[me] = ACCEPTED
}

inline look_around() {
	lock();
	look_at_offers();
	d_step {
		first_listed(side[me], p);
		watch[me] = (offers -> SOON : (p != me && p != NOBODY -> LATE : NEVER));
		p = 0
	}
	unlock()
}

/* Woken by anybody, it looks; also after a time. */
inline sleep() {
	do
	:: state[me] != WAITING -> break
#ifdef BUG_SLEEP_UNSEEN
	:: state[me] == WAITING -> asleep[me] = true;
#else
	:: d_step { state[me] == WAITING -> asleep[me] = true }
#endif
	   if
	   :: !asleep[me]
	   :: d_step {
		asleep[me] && looks[me] > 0 && state[me] == WAITING &&
		(watch[me] == SOON || (NET && watch[me] == LATE)) ->
		asleep[me] = false; looks[me]--
	      }
	   fi;
	   if
	   :: state[me] == WAITING && side[me] == RECEIVES -> look_around()
	   :: else
	   fi
	od;
	skip
}

inline acknowledge(m) { acknowledged[m] = true; s = 0; p = 0; t = 0 }

/* With the lock: what is written goes to whom, or where, it should. */
inline post(m) {
	next_waiter(RECEIVES, p);
	if
	:: p != NOBODY -> d_step { in_order(m) } hand_over(p, m)
	:: d_step { p == NOBODY -> number(m); add(m) }
	fi
}

inline send(m) {
	do
	:: lock();
	   look_at_offers();
	   if
	   :: count >= ROOM ->
		join(SENDS, m);
		unlock();
		sleep();
		d_step { assert(state[me] == ACCEPTED); state[me] = FREE;
			 acknowledge(m) }
		held[me] = false;
		break
	   :: count < ROOM ->
		post(m);
		if
		:: d_step { p != NOBODY -> t = times[p]; unlock() }
		   wake(p, t);
		   d_step { acknowledge(m) }
		:: d_step { p == NOBODY -> unlock(); acknowledge(m) }
		fi;
		break
	   :: d_step { FAR && count < ROOM -> hold(SENDS); slot_of[me] = m }
		unlock();
		lock();
		look_at_offers();
		if
		:: count < ROOM ->
			post(m);
			slot_of[me] = 0;
			if
			:: d_step { p != NOBODY -> t = times[p]; unlock() }
			   wake(p, t)
			:: d_step { p == NOBODY -> unlock() }
			fi;
			d_step { state[me] = FREE; acknowledge(m) }
			held[me] = false;
			break
		:: count >= ROOM ->
			slot_of[me] = 0;
			state[me] = FREE;
			held[me] = false;
			unlock()
		fi
	   fi
	od
}

/* It is one, and nobody has used its slot meanwhile. */
inline returns(m) {
	assert(m != 0 && !returned[m]);
	returned[m] = true;
	s = 0; p = 0; t = 0; m = 0
}

inline receive() {
	do
	:: lock();
	   look_at_offers();
	   if
	   :: count == 0 ->
		join(RECEIVES, 0);
		unlock();
		sleep();
		if
#ifdef BUG_ACCEPT_UNCHECKED
		:: state[me] == GIVEN ->
			state[me] = ACCEPTED;
			d_step { s = slot_of[me]; accepted_by[s] = me + 1 }
			break
#else
		:: d_step { state[me] == GIVEN -> state[me] = ACCEPTED;
			    s = slot_of[me]; accepted_by[s] = me + 1 }
			break
#endif
		:: state[me] == REVOKED || state[me] == EMPTY ->
			lock();
			/* The one who revoked it may have been killed. */
			if
			:: state[me] == REVOKED ->
				take_back(me);
				d_step { index_anew() }
				settle()
			:: else
			fi;
			state[me] = FREE;
			held[me] = false;
			unlock()
		fi
	   :: count > 0 ->
		if
		:: d_step { take_first(s); m = s; accepted_by[s] = me + 1;
			    seq[s] = 0; s = 0 }
		:: d_step { FAR -> take_first(s); hold(RECEIVES) }
			d_step { slot_of[me] = s; accepted_by[s] = me + 1 }
		fi;
		p = NOBODY;
		if
		:: count < ROOM -> next_waiter(SENDS, p)
		:: else
		fi;
		if
		:: p != NOBODY ->
			let_in(p);
			d_step { t = times[p]; unlock() }
			wake(p, t)
		:: d_step { p == NOBODY -> unlock() }
		fi;
		break
	   fi
	od;
	/* Copied; or nobody touches it meanwhile, and it stays with the place. */
	if
	:: m != 0 -> d_step { returns(m) }
	:: m == 0 ->
	   m = s;
	   d_step { assert(seq[s] != 0 && !queued[s] && slot_of[me] == s);
		    state[me] = FREE; returns(m) }
	   held[me] = false
	fi
}

inline ends() {
	d_step { finished[me] = true; watch[me] = 0; looks[me] = 0;
		 ticket[me] = 0 }
}

#define LOCALS byte i, m, p, p2, s, s2, st, t; bool moved

proctype sender(byte me) provided (alive[me] && !stopped[me]) {
	LOCALS;

	send(1);
	send(2);
	ends()
}

proctype receiver(byte me) provided (alive[me] && !stopped[me]) {
	LOCALS;

	receive();
	ends()
}

/* Whoever comes next, as mq_getattr() does: it finds all offers old. */
proctype late(byte me) {
	LOCALS;

	quiet;
	lock();
	look_at_offers();
	unlock();
	finished[me] = true
}

/* Later than that there is nothing that a death could leave undone. */
proctype killer() {
	do
	:: kills_left > 0 ->
		atomic {
			if
			:: alive[0] && !finished[0] -> alive[0] = false
			:: alive[1] && !finished[1] -> alive[1] = false
			:: alive[2] && !finished[2] -> alive[2] = false
#if RECEIVERS > 2
			:: alive[3] && !finished[3] -> alive[3] = false
#endif
			fi;
			kills_left--
		}
	:: else -> break
	od
}

/*
 * One that is stopped has no lock: the others wait for that one.  Without NET
 * it sleeps, and so does the one behind it: then that one is woken at once.
 */
proctype stopper() {
	do
	:: stops_left > 0 ->
		atomic {
			if
#if NET
			:: !finished[0] && owner != 0 ->
				stopped[0] = true; asleep[0] = false
			:: !finished[1] && owner != 1 ->
				stopped[1] = true; asleep[1] = false
			:: !finished[2] && owner != 2 ->
				stopped[2] = true; asleep[2] = false
#else
			:: asleep[1] && asleep[2] ->
				stopped[1] = true; asleep[1] = false
#endif
			fi;
			stops_left--
		}
	:: else -> break
	od
}

#define GOES_ON(a) (alive[a] && !stopped[a])

inline everybody_is_served() {
	byte in_it, a;

	d_step {
		in_it = 0;
		for (a : 1 .. MESSAGES) {
			in_it = in_it + queued[a];
			/* What was acknowledged is there, or has been taken. */
			if
			:: acknowledged[a] && !returned[a] && !queued[a] ->
				assert(accepted_by[a] != 0 ->
				       !GOES_ON(accepted_by[a] - 1) :
				       seq[a] != 0)
			:: else
			fi
		}
		for (a : 0 .. PEOPLE - 1) {
			/* Who goes on has ended, or waits; */
			assert(!GOES_ON(a) || finished[a] || state[a] == WAITING);
			/* not for a message that is there, */
			assert(!(GOES_ON(a) && state[a] == WAITING &&
				 side[a] == RECEIVES && in_it > 0));
			/* or with a receiver that is dead or stopped, */
			for (k : 0 .. PEOPLE - 1) {
				assert(!(GOES_ON(a) && !finished[a] &&
					 state[a] == WAITING &&
					 side[a] == RECEIVES &&
					 (state[k] == GIVEN ||
					  state[k] == REVOKED)))
			}
			/* nor for room. */
			assert(!(GOES_ON(a) && !finished[a] &&
				 state[a] == WAITING && side[a] == SENDS &&
				 in_it < ROOM))
		}
	}
}

init {
	atomic {
		if
		:: high[1] = true
		:: high[2] = true
		:: skip
		fi;
		run sender(0); run receiver(1); run receiver(2);
#if RECEIVERS > 2
		run receiver(3);
#endif
		run late(LAST);
#if KILLS > 0
		run killer();
#endif
#if STOPS > 0
		run stopper();
#endif
		skip
	}
	timeout -> quiet = true;
	timeout -> everybody_is_served();
	/* Those who were stopped go on. */
	d_step {
		for (k : 0 .. PEOPLE - 1) { stopped[k] = false }
	}
	timeout -> everybody_is_served()
}
