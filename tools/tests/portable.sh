#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds here what other systems get: what they lack is hidden from the sources.
#
# As a test, and by default, every source is compiled for those that lack most,
# and for one that lacks all that configure asks for: "least".  "each" compiles
# what uses a function or header, once for each of them, without that one alone.
# With names, or with "all", each of these is configured, built with -std=c11
# -pedantic -Werror, and its pipc-conform and pipc-stress are run.
#
#     tools/tests/portable.sh all             # about a minute each
#     tools/tests/portable.sh openbsd clang
set -eu
: "${srcdir:=$(dirname "$0")/../..}" "${builddir:=$srcdir/build}"
srcdir=$(cd "$srcdir" && pwd)
kinds="gcc clang noproc bmake"
systems="pointer mqueue semaphores shm macos openbsd netbsd dragonfly illumos
	bionic"
# Words are what is wanted of all these lists.
# shellcheck disable=SC2086
case ${1:-} in
-h | --help)
	echo "usage: portable.sh [each | all | NAME...]; names:" $kinds $systems
	exit
	;;
all)
	shift
	set -- $kinds $systems
	;;
esac

if ! echo '#include <features.h>
__GLIBC__' | ${CC:-cc} -E - 2>/dev/null | grep -q '^[0-9]'; then
	echo "1..0 # SKIP what is hidden here are headers of glibc"
	exit
fi

# --- what a system lacks: headers H, functions F, macros M ------------------
linux_only="H:sys/prctl.h H:sys/epoll.h H:sys/eventfd.h H:linux/seccomp.h
	H:linux/futex.h H:linux/filter.h H:sys/inotify.h F:fallocate F:epoll_ctl F:unshare F:setns F:prctl M:RLIMIT_MSGQUEUE
	M:_CS_GNU_LIBC_VERSION F:sched_setaffinity F:sched_getaffinity
	F:umount2 M:MNT_DETACH M:CLONE_NEWNS M:MS_PRIVATE
	M:CPU_COUNT M:CPU_SET M:CPU_ZERO M:CPU_ISSET M:CPU_SETSIZE"
queues="H:mqueue.h F:mq_open F:mq_close F:mq_unlink F:mq_getattr F:mq_setattr
	F:mq_send F:mq_timedsend F:mq_receive F:mq_timedreceive F:mq_notify"
semaphores="H:semaphore.h F:sem_open F:sem_close F:sem_unlink F:sem_post
	F:sem_wait F:sem_trywait F:sem_timedwait F:sem_clockwait
	F:sem_getvalue F:sem_init F:sem_destroy"
robust="F:pthread_mutex_consistent F:pthread_mutexattr_setrobust
	M:PTHREAD_MUTEX_ROBUST"
realtime="F:sched_setscheduler F:sched_getscheduler F:sigwaitinfo
	F:sigtimedwait F:sigqueue M:SIGRTMIN M:SIGRTMAX F:clock_nanosleep"
# All that configure asks for, but what lib/ref and lib/posix are not built without.
asked() { # MACRO
	sed -n "s/^$1(\[\(.*\)\].*/\1/p" "$srcdir/configure.ac" | tr ' ' '\n'
}
optional() {
	asked PIPC_CHECK_FUNCS | grep -vE '^(mmap$|pthread_mutex)' | sed 's/^/F:/'
	asked AC_CHECK_HEADERS | grep -vE '^(stdatomic|dlfcn|sys/syscall)\.h$' |
		sed 's/^/H:/'
}
lacks() { # SYSTEM
	case $1 in
	least) optional ;;
	[FH]:*) echo "$1" ;;
	mqueue) echo "$queues" ;;
	semaphores) echo "$semaphores" ;;
	shm) echo F:shm_open F:shm_unlink F:posix_fallocate ;;
	macos) echo "$linux_only $queues $robust $realtime F:sem_timedwait
		F:sem_clockwait F:posix_fallocate F:ppoll M:_SC_MQ_PRIO_MAX
		M:_SC_MQ_OPEN_MAX M:MQ_PRIO_MAX" ;;
	openbsd) echo "$linux_only $queues $robust $realtime F:sem_clockwait
		F:pthread_mutexattr_setpshared S:sigevent M:SIGEV_NONE
		M:SIGEV_SIGNAL M:SIGEV_THREAD M:sigev_notify_function
		M:sigev_notify_attributes M:SI_MESGQ M:MQ_PRIO_MAX" ;;
	netbsd) echo "$linux_only $robust F:sem_clockwait M:PTHREAD_STACK_MIN" ;;
	dragonfly) echo "$linux_only $robust F:sem_clockwait F:posix_fallocate" ;;
	illumos) echo "$linux_only F:getloadavg" ;;
	bionic) echo "$queues $robust F:shm_open F:shm_unlink F:pthread_cancel
		F:pthread_setcancelstate F:pthread_testcancel
		F:pthread_setcanceltype M:PTHREAD_CANCEL_ASYNCHRONOUS M:PTHREAD_CANCEL_DISABLE
		M:PTHREAD_CANCEL_ENABLE M:PTHREAD_CANCELED F:confstr
		M:_CS_GNU_LIBC_VERSION F:sem_clockwait F:getloadavg" ;;
	esac
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Headers that say #error, and a header that hides the rest: a name that is used
# without asking for it first is then an error of the compiler.
hide() { # SYSTEM DIRECTORY
	mkdir -p "$2"
	{
		echo "#ifndef _GNU_SOURCE"
		echo "#define _GNU_SOURCE 1"
		echo "#endif"
		for header in dirent fcntl grp poll pthread sched setjmp signal \
			stdio stdlib string sys/ipc sys/mman \
			sys/resource sys/stat sys/time \
			limits sys/wait time unistd; do
			echo "#include <$header.h>"
		done
		for header in mqueue semaphore sys/mount sys/msg sys/sem; do
			lacks "$1" | grep -q "H:$header\.h" ||
				echo "#include <$header.h>"
		done
	} >"$2/hide.h"
	for word in $(lacks "$1"); do
		name=${word#?:}
		case $word in
		H:*)
			mkdir -p "$2/$(dirname "$name")"
			echo "#error $1 has no $name" >"$2/$name"
			;;
		[FS]:*) echo "#define $name hidden_$name" >>"$2/hide.h" ;;
		M:*) echo "#undef $name" >>"$2/hide.h" ;;
		esac
	done
	[ "$1" != pointer ] || cp "$srcdir/tools/tests/pointer-mqueue.h" \
		"$2/mqueue.h"
}

# What configure would find, without running it.
config() { # SYSTEM DIRECTORY
	for word in $(lacks "$1"); do
		case $word in
		[FH]:*) echo "${word#?:}" ;;
		S:*) echo "struct_${word#?:}" ;;
		esac
	done | tr './a-z' '__A-Z' |
		sed 's/.*/s,^#define HAVE_& 1$,#undef HAVE_&,/' >"$2/config.sed"
	case $1 in
	least | [FH]:*) # nor has it a sleep that is built of these
		echo '/^#define PIPC_REF_FUTEX/d; /^#define PIPC_RSEQ/d' \
			>>"$2/config.sed"
		;;
	esac
	sed -f "$2/config.sed" "$builddir/config.h" >"$2/config.h"
}

n=0
result() { # NAME STATUS
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		grep -vE "^(ok [^#]*$|  (CC|GEN))" "$dir/log" | head -n 100 | sed 's/^/# /'
	fi
}

# --- every source compiles ---------------------------------------------------
# Those of tests too, where there is Check.  A system without what killed/ does
# has its absent.c; posix-names.c is a program for systems that have the calls.
sources() {
	find "$srcdir/lib" "$srcdir/conformance" "$srcdir/stress" -name '*.c' \
		! -path '*/killed/[!a]*' | sort |
		if [ -n "$check" ]; then cat; else grep -v '/check_'; fi
}
check=$(sed -n 's/^CHECK_LIBS = *//p' "$builddir/Makefile")

compile() { # SYSTEM FILE...
	system=$1
	shift
	# shellcheck disable=SC2046 # no flag here has a space
	${CC:-cc} -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only \
		-Wno-missing-field-initializers -pthread \
		-DHAVE_CONFIG_H -I"$dir/$system" -include hide.h \
		-I"$srcdir/lib" -I"$srcdir/conformance" -I"$srcdir/stress" \
		$(sed -n 's/^CHECK_CFLAGS = *//p' "$builddir/Makefile") "$@"
}
compiles() { # SYSTEM
	hide "$1" "$dir/$1"
	config "$1" "$dir/$1"
	# shellcheck disable=SC2046 # no name here has a space
	compile "$1" $(sources)
}
# Without one function or header, what names it.
compiles_without() { # F:NAME|H:NAME
	files=$(sources | xargs grep -lwF "${1#?:}") || return 0
	hide "$1" "$dir/$1"
	config "$1" "$dir/$1"
	# shellcheck disable=SC2086 # no name here has a space
	compile "$1" $files && rm -r "${dir:?}/$1"
}
case ${1:-} in
"")
	for system in ${PORTABLE:-least pointer semaphores macos openbsd bionic}; do
		compiles "$system" >"$dir/log" 2>&1 && status=0 || status=$?
		result "compiles-$system" "$status"
	done
	echo "1..$n"
	exit
	;;
each)
	for name in $(optional); do
		compiles_without "$name" >"$dir/log" 2>&1 && status=0 || status=$?
		result "compiles-without-${name#?:}" "$status"
	done
	echo "1..$n"
	exit
	;;
esac

# --- a build of its own, which is run ----------------------------------------
builds() { # SYSTEM
	hide "$1" "$dir/$1/hidden"
	mkdir "$dir/$1/build"
	cd "$dir/$1/build"
	system=$1 make=make
	set -- CC="${CC:-gcc}" CFLAGS="-std=c11 -pedantic -O1" \
		CPPFLAGS="-I$dir/$1/hidden"
	case $system in
	clang) set -- "$@" CC=clang ;;
	bmake) set -- "$@" AWK=original-awk && make=bmake ;;
	pointer)
		gcc -c "$srcdir/tools/tests/pointer-mqueue.c" -o pointer.o
		set -- "$@" LIBS="$PWD/pointer.o"
		;;
	esac
	for word in $(lacks "$system"); do
		case $word in
		F:*) set -- "$@" "ac_cv_func_${word#F:}=no" ;;
		S:*) set -- "$@" "ac_cv_type_struct_${word#S:}=no" ;;
		esac
	done
	"$srcdir/configure" -q --disable-shared "$@"
	# configure declares functions itself, so it is not shown hide.h.
	$make -j2 CPPFLAGS="-I$dir/$system/hidden -include hide.h" \
		AM_CFLAGS=-Werror pipc-conform pipc-stress pipc-mutants \
		stress-mutants
}
# Nothing red; but sysconf() goes on to claim what is hidden.
runs() { # SYSTEM
	cd "$dir/$1/build"
	claim=
	case $1 in
	shm | bionic) claim=--expect=shm.system.option=FAIL ;;
	esac
	case $1 in
	noproc) set -- unshare --mount sh -c \
		'mount -t tmpfs none /proc && exec "$@"' sh ;;
	*) shift ;;
	esac
	"$@" ./pipc-conform -j2 $claim >tap || {
		cat tap
		return 1
	}
	"$@" ./pipc-stress --profile smoke
}
# shellcheck disable=SC2086
# shellcheck disable=SC2086
for system; do
	printf '%s\n' $kinds $systems | grep -qx -- "$system" || {
		echo "portable: no '$system'; there are" $kinds $systems >&2
		exit 2
	}
	(builds "$system") >"$dir/log" 2>&1 && status=0 || status=$?
	result "builds-$system" "$status"
	[ "$status" -eq 0 ] || continue
	(runs "$system") >"$dir/log" 2>&1 && status=0 || status=$?
	result "runs-$system" "$status"
	rm -rf "${dir:?}/$system"
done
echo "1..$n"
