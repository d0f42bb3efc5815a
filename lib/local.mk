# SPDX-License-Identifier: BSD-3-Clause
# The library: once as a convenience archive for our own programs, which see
# its internals, and once as users get it.

include_HEADERS += lib/pipc.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/pipc.pc

dist_man_MANS += lib/pipc.3
TESTS += lib/tests/manual.sh
EXTRA_DIST += lib/tests/manual.sh lib/tests/installed.sh

# The installed library, as its users build with it.
installcheck-lib:
	$(srcdir)/lib/tests/installed.sh '$(DESTDIR)' '$(libdir)' '$(mandir)' \
		$(CC) $(CPPFLAGS) $(CFLAGS)
PHONY_TARGETS += installcheck-lib

noinst_LTLIBRARIES += libpipc-core.la
libpipc_core_la_SOURCES = \
	lib/backend.c lib/internal.h lib/limits.c lib/mq.c lib/name.c \
	lib/absent.h lib/os.h lib/os-null.c lib/os-system.c lib/pipc.h lib/sem.c \
	lib/shm.c lib/size.h lib/status.c lib/timeout.c

# The reference implementation.
if REF
noinst_LTLIBRARIES += libpipc-ref.la
libpipc_core_la_LIBADD = libpipc-ref.la
libpipc_ref_la_SOURCES = lib/ref/addresses.c lib/ref/events.c lib/ref/file.c lib/ref/lock.c lib/ref/mq.c \
	lib/ref/mqd.c lib/ref/notify.c lib/ref/os-ref.c lib/ref/park.c \
	lib/ref/queue.c lib/ref/ref.h lib/ref/sem.c lib/ref/shm.c \
	lib/ref/signals.c \
	lib/ref/lock-pid.c lib/ref/lock-robust.c lib/ref/park-futex.c \
	lib/ref/park-netbsd.c lib/ref/park-polling.c lib/ref/park-semaphores.c lib/ref/turns.c \
	lib/ref/wait.c
endif

# The same under the names of POSIX.  The symbols have no version: a program's
# references to those of the C library, which do, find them too.
if POSIX_NAMES
lib_LTLIBRARIES += libpipc-posix.la
libpipc_posix_la_SOURCES = lib/posix/names.h lib/posix/next.c lib/posix/next.h lib/posix/other.h \
	lib/posix/epoll.c lib/posix/loaded.c lib/posix/poll.c \
	lib/posix/posix.c lib/posix/signals.c \
	lib/posix/unnamed.c
libpipc_posix_la_LIBADD = libpipc-ref.la $(DL_LIBS)
libpipc_posix_la_LDFLAGS = -version-info 1:0:0 -no-undefined $(NODELETE) \
	-export-symbols-regex '^((sem|shm|mq|__sem|__mq)_.*|close|close_range|closefrom|fchmod|recvmsg|dup[23]?|p?poll|p?select|epoll_ctl|__p?poll(64)?(_chk)?|__p?select64|__p(poll|select)_time64|__select_time64|sigaction|sigset|(bsd_|sysv_|__sysv_)?signal)$$'
pkgconfig_DATA += lib/pipc-posix.pc
man_MANS += lib/pipc-posix.3

# Its test: one program, which gets the library in each way that there is.
check_PROGRAMS += lib/tests/posix-names lib/tests/posix-linked \
	lib/tests/posix-archive lib/tests/posix-poll \
	lib/tests/posix-poll-archive lib/tests/posix-load
check_LTLIBRARIES += lib/tests/posix-plug.la
lib_tests_posix_plug_la_LIBADD = libpipc-posix.la
lib_tests_posix_plug_la_LDFLAGS = -module -avoid-version -shared -rpath /none
lib_tests_posix_load_LDADD = $(DL_LIBS)
lib_tests_posix_poll_CPPFLAGS = $(AM_CPPFLAGS) -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=2
lib_tests_posix_poll_LDADD =
lib_tests_posix_poll_archive_SOURCES = lib/tests/posix-poll.c
lib_tests_posix_poll_archive_LDADD = libpipc-posix.la
lib_tests_posix_poll_archive_LDFLAGS = -static
lib_tests_posix_names_CPPFLAGS = $(AM_CPPFLAGS) -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=2
lib_tests_posix_names_LDADD =
lib_tests_posix_linked_SOURCES = lib/tests/posix-names.c
lib_tests_posix_linked_LDADD = libpipc-posix.la
lib_tests_posix_archive_SOURCES = lib/tests/posix-names.c
lib_tests_posix_archive_LDADD = libpipc-posix.la
lib_tests_posix_archive_LDFLAGS = -static
TESTS += lib/tests/posix.sh
endif
EXTRA_DIST += lib/pipc-posix.3 lib/tests/posix.sh lib/tests/posix.py

lib_LTLIBRARIES += libpipc.la
libpipc_la_SOURCES =
libpipc_la_LIBADD = libpipc-core.la
libpipc_la_LDFLAGS = -version-info 1:0:0 -no-undefined $(NODELETE) \
	-export-symbols-regex '^pipc_[a-z]'

# Unit tests, one check_FILE.c for each source file with behaviour of its own.
if HAVE_CHECK
if REF
REF_TESTS = lib/tests/check_ref_events lib/tests/check_ref_file lib/tests/check_ref_lock \
	lib/tests/check_ref_mq lib/tests/check_ref_mqd \
	lib/tests/check_ref_notify lib/tests/check_ref_os \
	lib/tests/check_ref_park lib/tests/check_ref_queue \
	lib/tests/check_ref_sem lib/tests/check_ref_shm \
	lib/tests/check_ref_threads lib/tests/check_ref_turns \
	lib/tests/check_ref_wait
endif
UNIT_TESTS = $(REF_TESTS) lib/tests/check_backend lib/tests/check_limits \
	lib/tests/check_mq lib/tests/check_name lib/tests/check_os_null \
	lib/tests/check_os_system lib/tests/check_sem lib/tests/check_shm \
	lib/tests/check_status lib/tests/check_timeout
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
EXTRA_DIST += lib/ref/DESIGN.md
EXTRA_DIST += lib/tests/check_pipc.h lib/tests/check_ref.h \
	lib/tests/check_time.h

# Hostile files and any order of calls: make fuzz makes inputs, in a configured
# build directory, and make check replays those that are kept.
if REF
check_PROGRAMS += lib/tests/fuzz_ref
TESTS += lib/tests/fuzz_ref
lib_tests_fuzz_ref_LDADD = libpipc-core.la
endif
EXTRA_DIST += lib/tests/corpus tools/fuzz
fuzz:
	SOURCES='$(libpipc_ref_la_SOURCES)' $(srcdir)/tools/fuzz $(RUNS)
PHONY_TARGETS += fuzz

# A process that is killed at any instruction leaves others nothing to suffer.
check_PROGRAMS += lib/tests/killed/killed
TESTS += lib/tests/killed/killed
if KILLED
lib_tests_killed_killed_SOURCES = lib/tests/killed/killed.h \
	lib/tests/killed/main.c lib/tests/killed/mq.c \
	lib/tests/killed/notify.c lib/tests/killed/sem.c \
	lib/tests/killed/step.c
else
lib_tests_killed_killed_SOURCES = lib/tests/killed/absent.c
endif
lib_tests_killed_killed_LDADD = libpipc-core.la
EXTRA_DIST += lib/tests/killed/absent.c

# The five demonstrations, over the public interface alone.
EXAMPLES = lib/examples/shm-conversation lib/examples/mq-conversation \
	lib/examples/mq-events lib/examples/mq-notification \
	lib/examples/sem-critical-section
check_PROGRAMS += $(EXAMPLES)
TESTS += lib/examples/examples.sh
EXTRA_DIST += lib/examples/examples.sh
lib_examples_shm_conversation_SOURCES = lib/examples/shm-conversation.c \
	lib/examples/example.h
lib_examples_shm_conversation_LDADD = libpipc.la
lib_examples_mq_conversation_SOURCES = lib/examples/mq-conversation.c \
	lib/examples/example.h
lib_examples_mq_conversation_LDADD = libpipc.la
lib_examples_mq_events_SOURCES = lib/examples/mq-events.c \
	lib/examples/example.h
lib_examples_mq_events_LDADD = libpipc.la
lib_examples_mq_notification_SOURCES = lib/examples/mq-notification.c \
	lib/examples/example.h
lib_examples_mq_notification_LDADD = libpipc.la
lib_examples_sem_critical_section_SOURCES = \
	lib/examples/sem-critical-section.c lib/examples/example.h
lib_examples_sem_critical_section_LDADD = libpipc.la

# make overhead: the instructions that the library adds, counted by valgrind.
EXTRA_PROGRAMS += lib/tests/overhead
lib_tests_overhead_SOURCES = lib/tests/overhead.c
lib_tests_overhead_LDADD = libpipc-core.la
CLEANFILES += lib/tests/overhead$(EXEEXT)
EXTRA_DIST += tools/overhead
PHONY_TARGETS += overhead
overhead: lib/tests/overhead$(EXEEXT)
	$(srcdir)/tools/overhead lib/tests/overhead$(EXEEXT)
