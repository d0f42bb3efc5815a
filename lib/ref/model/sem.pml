/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The protocol of lib/ref/sem.c, for Spin: posts and waits without the lock,
 * offers, revocation, and the log of a post that goes from a waiter to the value
 * or back.  POSTERS posts, two waiters, and one process that asks for the value
 * when all is quiet.  KILLS processes are killed between any two steps; that one
 * is stopped is that it takes no step.  An offer may be found old at any time,
 * and a waiter may look at any time, LOOKS times.
 */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef LOOKS
#define LOOKS 1
#endif
#define POSTERS 2 /* 0 and 1; 2 and 3 wait, 4 asks */
#define PEOPLE 5
#define LAST 4
#define NOBODY 255

#define FREE 0
#define WAITING 1
#define GIVEN 2
#define ACCEPTED 3
#define REVOKED 4
#define EMPTY 5

bool alive[PEOPLE] = true, finished[PEOPLE];
byte kills_left = KILLS;

/* What is true, in shared memory. */
byte owner = NOBODY;
byte value;
bool waited_for; /* in the same word */
byte state[PEOPLE], ticket[PEOPLE], times[PEOPLE];
bool held[PEOPLE];
byte given, given_times;
byte redo, redo_state, redo_times, redo_value; /* redo: 1 + a waiter */

/* What is derived. */
bool listed[PEOPLE], offers;
hidden byte k;

bool asleep[PEOPLE];
byte looks[PEOPLE] = LOOKS;
byte posted, taken; /* to be shown */
bool quiet;

#define DIED(p) (!alive[p] || !held[p])
#define ANYBODY (listed[2] || listed[3])

inline first_listed(found) {
	found = NOBODY;
	for (k : 2 .. 3) {
		if
		:: listed[k] && (found == NOBODY || ticket[k] < ticket[found]) ->
			found = k
		:: else
		fi
	}
	k = 0
}

inline unpark(p) {
	if
	:: asleep[p] -> asleep[p] = false
	:: else ->
		for (k : 2 .. 3) { asleep[k] = asleep[k] && !listed[k] }
		k = 0
	fi
}

inline give(p) {
	d_step { given = p + 1; given_times = times[p]; offers = true }
	state[p] = GIVEN
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

inline next_waiter(found) {
	do
	:: d_step {
		first_listed(found);
		if
		:: found != NOBODY -> listed[found] = false
		:: else
		fi
	   }
	   if
	   :: found != NOBODY && !alive[found] -> state[found] = FREE
	   :: else -> break
	   fi
	od
}

inline count_again() {
	d_step {
		if
		:: !ANYBODY && given == 0 -> waited_for = false
		:: else
		fi
	}
}

/* The value and a waiter's state change both. */
inline log_and_store(p, v) {
	redo_value = v;
#ifndef BUG_NO_LOG
	d_step { redo = p + 1; redo_state = state[p]; redo_times = times[p] }
#endif
	value = redo_value
}

inline put_back(p) {
#ifndef BUG_NOT_WAITED_FOR
	waited_for = true;
#endif
	n = value + 1;
	log_and_store(p, n);
#ifdef BUG_LOG_ENDS_EARLY
	redo = 0;
#endif
	d_step {
		if
		:: state[p] == REVOKED -> state[p] = EMPTY
		:: else
		fi;
		n = 0
	}
	redo = 0
}

inline settle() {
	do
	:: value > 0 && ANYBODY ->
		next_waiter(p2);
		if
		:: p2 == NOBODY -> break
		:: else ->
			waited_for = true;
			n = value - 1;
			log_and_store(p2, n);
			n = 0;
			give(p2);
			redo = 0;
			wake(p2, times[p2])
		fi
	:: else -> break
	od;
	p2 = 0;
	count_again()
}

inline look_at_offers() {
	if
	:: offers ->
#ifdef BUG_OFFERS_END_FIRST
		offers = false;
#endif
		i = 2;
		do
		:: i < LAST ->
			if
			:: d_step { state[i] == GIVEN -> state[i] = REVOKED }
				put_back(i);
				moved = true
			:: state[i] == GIVEN && alive[i] /* it is young */
			:: state[i] != GIVEN
			fi;
			d_step {
				if
				:: !alive[i] && (state[i] == EMPTY) -> state[i] = FREE
				:: else
				fi;
				i++
			}
		:: else -> break
		od;
		i = 0;
		if
		:: moved -> moved = false; settle()
		:: else
		fi;
		d_step {
			offers = false;
			for (k : 2 .. 3) { offers = offers || state[k] == GIVEN }
			k = 0
		}
	:: else
	fi
}

inline rebuild() {
	if
	:: redo != 0 ->
		d_step { value = redo_value; waited_for = true }
		if
		:: state[redo - 1] == redo_state && times[redo - 1] == redo_times ->
			if
			:: redo_state == WAITING -> give((redo - 1))
			:: else ->
				d_step {
					if
					:: state[redo - 1] == REVOKED ->
						state[redo - 1] = EMPTY
					:: else
					fi
				}
			fi
		:: else
		fi;
		redo = 0
	:: else
	fi;
	i = 2;
	do
	:: i < LAST ->
		if
		:: state[i] == REVOKED -> put_back(i)
		:: d_step { state[i] == GIVEN && DIED(i) -> state[i] = REVOKED }
			put_back(i)
		:: !(state[i] == REVOKED || (state[i] == GIVEN && DIED(i)))
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	d_step {
		for (k : 2 .. 3) {
			if
			:: state[k] != FREE && DIED(k) -> state[k] = FREE
			:: state[k] != FREE && !DIED(k) -> asleep[k] = false
			:: else
			fi;
			listed[k] = state[k] == WAITING
		}
		k = 0;
		given = 0;
		offers = true;
		waited_for = waited_for || ANYBODY
	}
	settle()
}

inline lock() {
	if
	:: d_step { owner == NOBODY && given == 0 -> owner = me }
	:: d_step { owner == NOBODY && given != 0 -> owner = me }
	   d_step {
		if
		:: given != 0 && times[given - 1] == given_times &&
		   state[given - 1] == GIVEN ->
			unpark(given - 1)
		:: else
		fi
	   }
	   given = 0
	:: d_step { owner != NOBODY && !alive[owner] -> owner = me }
	   rebuild()
	fi
}

inline unlock() { owner = NOBODY }

#define LOCALS byte i, n, p, p2, t; bool moved

proctype poster(byte me) provided (alive[me]) {
	LOCALS;

	if
	:: atomic { !waited_for -> value++; posted++ }
	:: waited_for ->
		lock();
		next_waiter(p);
		if
		:: p != NOBODY ->
			d_step { given = p + 1; given_times = times[p];
				 offers = true }
			d_step { state[p] = GIVEN; posted++ }
			count_again();
			d_step { t = times[p]; unlock() }
			wake(p, t)
		:: p == NOBODY ->
			d_step { value++; waited_for = false; posted++ }
			unlock()
		fi
	fi;
	finished[me] = true
}

inline sleep() {
	do
	:: state[me] != WAITING -> break
	:: d_step { state[me] == WAITING -> asleep[me] = true }
	   if
	   :: !asleep[me]
	   :: d_step { asleep[me] && looks[me] > 0 && state[me] == WAITING ->
		       asleep[me] = false; looks[me]-- }
	   fi;
	   if
	   :: state[me] == WAITING -> lock(); look_at_offers(); unlock()
	   :: else
	   fi
	od;
	skip
}

proctype waiter(byte me) provided (alive[me]) {
	LOCALS;

	do
	:: atomic { !waited_for && value > 0 -> value--; taken++ } break
	:: waited_for || value == 0 ->
		lock();
		look_at_offers();
		count_again();
		if
		:: atomic { !waited_for && value > 0 -> value--; taken++ }
			unlock();
			break
		:: atomic { waited_for || value == 0 -> waited_for = true }
		   d_step {
			held[me] = true;
			ticket[me] = 1 + (state[5 - me] == WAITING ->
					  ticket[5 - me] : 0);
			times[me]++;
			state[me] = WAITING;
			listed[me] = true
		   }
		   unlock();
		   sleep();
		   if
#ifdef BUG_ACCEPT_UNCHECKED
		   :: state[me] == GIVEN -> d_step { state[me] = ACCEPTED; taken++ }
#else
		   :: atomic { state[me] == GIVEN -> state[me] = ACCEPTED; taken++ }
#endif
			state[me] = FREE;
			held[me] = false;
			break
		   :: state[me] == REVOKED || state[me] == EMPTY ->
			lock();
			if
			:: state[me] == REVOKED -> put_back(me); moved = true
			:: else
			fi;
			state[me] = FREE;
			held[me] = false;
			count_again();
			if
			:: moved -> moved = false; settle()
			:: else
			fi;
			unlock()
		   fi
		fi
	od;
	atomic { finished[me] = true; looks[me] = 0; ticket[me] = 0 }
}

/* sem_getvalue(): takes the lock only if there seem to be offers. */
proctype asks(byte me) {
	LOCALS;

	quiet;
	if
	:: offers -> lock(); look_at_offers(); unlock()
	:: else
	fi;
	finished[me] = true
}

proctype killer() {
	do
	:: kills_left > 0 ->
		atomic {
			if
			:: alive[0] && !finished[0] -> alive[0] = false
			:: alive[1] && !finished[1] -> alive[1] = false
			:: alive[2] && !finished[2] -> alive[2] = false
			:: alive[3] && !finished[3] -> alive[3] = false
			fi;
			kills_left--
		}
	:: else -> break
	od
}

inline all_is_well() {
	byte a, offered;

	d_step {
		offered = 0;
		for (a : 2 .. 3) {
			offered = offered + (state[a] == GIVEN || state[a] == REVOKED);
			assert(!alive[a] || finished[a] ||
			       (state[a] == WAITING && value == 0))
		}
		/* Nothing is lost or doubled, nor hidden from sem_trywait(). */
		assert(posted == taken + value + offered);
		assert(offered == 0 || offers);
		assert(!(waited_for && value > 0))
	}
}

init {
	atomic {
		run poster(0); run poster(1); run waiter(2); run waiter(3);
		run asks(LAST);
#if KILLS > 0
		run killer();
#endif
		skip
	}
	timeout -> quiet = true;
	timeout -> all_is_well()
}
