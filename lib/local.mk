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
	lib/shm.c lib/status.c lib/timeout.c

lib_LTLIBRARIES += libpipc.la
libpipc_la_SOURCES =
libpipc_la_LIBADD = libpipc-core.la
libpipc_la_LDFLAGS = -version-info 1:0:0 -no-undefined \
	-export-symbols-regex '^pipc_[a-z]'

# Unit tests, one check_FILE.c for each source file with behaviour of its own.
if HAVE_CHECK
UNIT_TESTS = check_backend check_limits check_mq check_name check_os_null \
	check_os_system check_sem check_shm check_status check_timeout
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
check_backend_SOURCES = lib/tests/check_backend.c lib/tests/check_pipc.h
check_limits_SOURCES = lib/tests/check_limits.c lib/tests/check_pipc.h
check_mq_SOURCES = lib/tests/check_mq.c lib/tests/check_pipc.h
check_name_SOURCES = lib/tests/check_name.c lib/tests/check_pipc.h
check_os_null_SOURCES = lib/tests/check_os_null.c lib/tests/check_pipc.h
check_os_system_SOURCES = lib/tests/check_os_system.c lib/tests/check_pipc.h
check_sem_SOURCES = lib/tests/check_sem.c lib/tests/check_pipc.h
check_shm_SOURCES = lib/tests/check_shm.c lib/tests/check_pipc.h
check_status_SOURCES = lib/tests/check_status.c lib/tests/check_pipc.h
check_timeout_SOURCES = lib/tests/check_timeout.c lib/tests/check_pipc.h
check_backend_CFLAGS = $(CHECK_CFLAGS)
check_limits_CFLAGS = $(CHECK_CFLAGS)
check_mq_CFLAGS = $(CHECK_CFLAGS)
check_name_CFLAGS = $(CHECK_CFLAGS)
check_os_null_CFLAGS = $(CHECK_CFLAGS)
check_os_system_CFLAGS = $(CHECK_CFLAGS)
check_sem_CFLAGS = $(CHECK_CFLAGS)
check_shm_CFLAGS = $(CHECK_CFLAGS)
check_status_CFLAGS = $(CHECK_CFLAGS)
check_timeout_CFLAGS = $(CHECK_CFLAGS)
check_backend_LDADD = libpipc-core.la $(CHECK_LIBS)
check_limits_LDADD = libpipc-core.la $(CHECK_LIBS)
check_mq_LDADD = libpipc-core.la $(CHECK_LIBS)
check_name_LDADD = libpipc-core.la $(CHECK_LIBS)
check_os_null_LDADD = libpipc-core.la $(CHECK_LIBS)
check_os_system_LDADD = libpipc-core.la $(CHECK_LIBS)
check_sem_LDADD = libpipc-core.la $(CHECK_LIBS)
check_shm_LDADD = libpipc-core.la $(CHECK_LIBS)
check_status_LDADD = libpipc-core.la $(CHECK_LIBS)
check_timeout_LDADD = libpipc-core.la $(CHECK_LIBS)

# The four demonstrations, over the public interface alone.
EXAMPLES = lib/examples/shm-conversation lib/examples/mq-conversation \
	lib/examples/mq-notification lib/examples/sem-critical-section
check_PROGRAMS += $(EXAMPLES)
TESTS += lib/examples/examples.sh
EXTRA_DIST += lib/examples/examples.sh
lib_examples_shm_conversation_SOURCES = lib/examples/shm-conversation.c \
	lib/examples/example.h
lib_examples_shm_conversation_LDADD = libpipc.la
lib_examples_mq_conversation_SOURCES = lib/examples/mq-conversation.c \
	lib/examples/example.h
lib_examples_mq_conversation_LDADD = libpipc.la
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
