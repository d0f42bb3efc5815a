# SPDX-License-Identifier: BSD-3-Clause
# The conformance suite.  A case file is added to CASE_FILES, a file of mutants
# to MUTANT_FILES, and nowhere else.
CASE_FILES = conformance/cases/capability.c \
	conformance/cases/gen-limits.c conformance/cases/gen-suite.c \
	conformance/cases/gen.c conformance/cases/meta.c \
	conformance/cases/mq-access.c conformance/cases/mq-attr.c \
	conformance/cases/mq-attributes.c conformance/cases/mq-blocked.c \
	conformance/cases/mq-close.c conformance/cases/mq-extension.c \
	conformance/cases/mq-handle.c conformance/cases/mq-limits.c \
	conformance/cases/mq-misc.c conformance/cases/mq-mixed.c \
	conformance/cases/mq-names.c conformance/cases/mq-notify-life.c \
	conformance/cases/mq-notify-thread.c \
	conformance/cases/mq-notify-undefined.c \
	conformance/cases/mq-notify-when.c conformance/cases/mq-notify.c \
	conformance/cases/mq-open.c conformance/cases/mq-order.c \
	conformance/cases/mq-races.c conformance/cases/mq-receive.c \
	conformance/cases/mq-send.c conformance/cases/mq-stress.c \
	conformance/cases/mq-system.c conformance/cases/mq-timed.c \
	conformance/cases/mq-unlink.c conformance/cases/mq.c \
	conformance/cases/scenario.c conformance/cases/sem-close.c \
	conformance/cases/sem-library.c conformance/cases/sem-limits.c \
	conformance/cases/sem-mode.c conformance/cases/sem-names.c \
	conformance/cases/sem-open.c conformance/cases/sem-perm.c \
	conformance/cases/sem-post.c conformance/cases/sem-race.c \
	conformance/cases/sem-signal.c conformance/cases/sem-stress.c \
	conformance/cases/sem-timed.c conformance/cases/sem-undefined.c \
	conformance/cases/sem-unlink.c conformance/cases/sem-wait.c \
	conformance/cases/shm-descriptor.c conformance/cases/shm-handle.c \
	conformance/cases/shm-life.c conformance/cases/shm-map.c \
	conformance/cases/shm-mode.c conformance/cases/shm-name.c \
	conformance/cases/shm-open.c conformance/cases/shm-size.c \
	conformance/cases/shm-system.c
# What several case files share.
CASE_SHARED = conformance/cases/extension.h conformance/cases/mq-notify.h \
	conformance/cases/mq.h conformance/cases/sem.h \
	conformance/cases/shm.h

MUTANT_FILES = conformance/mutants/capability.c \
	conformance/mutants/gen-limits.c conformance/mutants/gen.c \
	conformance/mutants/library.c \
	conformance/mutants/mq-access.c conformance/mutants/mq-attr.c \
	conformance/mutants/mq-attributes.c conformance/mutants/mq-blocked.c \
	conformance/mutants/mq-close.c conformance/mutants/mq-extension.c \
	conformance/mutants/mq-handle.c conformance/mutants/mq-limits.c \
	conformance/mutants/mq-misc.c conformance/mutants/mq-mixed.c \
	conformance/mutants/mq-names.c conformance/mutants/mq-notify-life.c \
	conformance/mutants/mq-notify-thread.c \
	conformance/mutants/mq-notify-when.c conformance/mutants/mq-notify.c \
	conformance/mutants/mq-open.c conformance/mutants/mq-order.c \
	conformance/mutants/mq-receive.c conformance/mutants/mq-send.c \
	conformance/mutants/mq-stress.c conformance/mutants/mq-timed.c \
	conformance/mutants/mq-unlink.c conformance/mutants/one-path.c \
	conformance/mutants/sem-name.c \
	conformance/mutants/sem-names.c conformance/mutants/sem-open.c \
	conformance/mutants/sem-perm.c conformance/mutants/sem-post.c \
	conformance/mutants/sem-signal.c conformance/mutants/sem-stress.c \
	conformance/mutants/sem-timed.c conformance/mutants/sem-wait.c \
	conformance/mutants/shm-life.c conformance/mutants/shm-map.c \
	conformance/mutants/shm-memory.c conformance/mutants/shm-mode.c \
	conformance/mutants/shm-open.c conformance/mutants/shm-path.c
MUTANT_SHARED = conformance/mutants/mq-notify.h conformance/mutants/mq.h

# What is known of systems; a new file of platform-notes is added here.
QUIRK_FILES = platform-notes/linux.quirks platform-notes/freebsd.quirks \
	platform-notes/illumos.quirks platform-notes/macos.quirks \
	platform-notes/cygwin.quirks platform-notes/netbsd.quirks \
	platform-notes/openbsd.quirks platform-notes/dragonfly.quirks \
	platform-notes/dietlibc.quirks platform-notes/gvisor.quirks \
	platform-notes/musl.quirks platform-notes/qemu-user.quirks \
	platform-notes/backends.quirks
NOTE_FILES = platform-notes/README.md platform-notes/linux.md \
	platform-notes/freebsd.md platform-notes/illumos.md \
	platform-notes/macos.md platform-notes/cygwin.md \
	platform-notes/netbsd.md platform-notes/openbsd.md \
	platform-notes/dragonfly.md platform-notes/android.md \
	platform-notes/qnx.md platform-notes/nuttx.md \
	platform-notes/rtems.md platform-notes/zephyr.md \
	platform-notes/wsl1.md \
	platform-notes/dietlibc.md \
	platform-notes/gvisor.md platform-notes/musl.md \
	platform-notes/qemu-user.md \
	platform-notes/evidence/gvisor-20221219-x86_64.jsonl \
	platform-notes/evidence/gvisor-20221219-x86_64-ref.jsonl \
	platform-notes/evidence/linux-6.1-glibc-2.36-s390x.jsonl \
	platform-notes/evidence/linux-6.1-glibc-2.36-x86_64.jsonl \
	platform-notes/evidence/linux-6.18-dietlibc-0.34-x86_64.jsonl \
	platform-notes/evidence/linux-6.18-glibc-2.36-i386.jsonl \
	platform-notes/evidence/linux-6.18-glibc-2.36-x86_64.jsonl \
	platform-notes/evidence/linux-6.18-musl-1.2.3-x86_64.jsonl \
	platform-notes/evidence/qemu-user-7.2-mips64el.jsonl \
	platform-notes/evidence/qemu-user-7.2-ppc.jsonl \
	platform-notes/evidence/qemu-user-7.2-s390x-ref.jsonl \
	platform-notes/evidence/qemu-user-7.2-s390x.jsonl \
	platform-notes/evidence/qemu-user-7.2-sparc64.jsonl

# The harness and all cases: once, for the programs and for the unit tests.
noinst_LTLIBRARIES += libct.la
libct_la_SOURCES = conformance/activity.c conformance/blocked.c \
	conformance/cause.c conformance/cause.h \
	conformance/check.c conformance/child.c conformance/choose.c \
	conformance/choose.h conformance/clock.c \
	conformance/ct.h conformance/descriptors.c conformance/descriptors.h \
	conformance/environment.c conformance/errno-name.c \
	conformance/exec-self.c \
	conformance/exit.c conformance/held.c conformance/expect.c conformance/expect.h \
	conformance/identity.c conformance/init.c conformance/init.h \
	conformance/inline.c conformance/job.c conformance/job.h \
	conformance/json.c conformance/json.h conformance/json-read.c \
	conformance/json-read.h conformance/judge.c \
	conformance/ledger.c conformance/line.c conformance/log-lines.c \
	conformance/log-lines.h conformance/mutant.c conformance/mutant.h \
	conformance/object.c conformance/options.c conformance/options.h \
	conformance/peer.c conformance/probe-calls.c conformance/probe.c \
	conformance/probe.h conformance/processes.c \
	conformance/notes.c conformance/notes.h conformance/quirks-file.c \
	conformance/records.c conformance/records.h conformance/report.c \
	conformance/report.h conformance/resume.c conformance/resume.h \
	conformance/run.h \
	conformance/schedule.c conformance/signals.c conformance/signs.c conformance/start.c \
	conformance/start.h conformance/thread.c conformance/unchecked.c \
	conformance/unchecked.h conformance/verdict.c conformance/watch.c \
	$(CASE_SHARED) $(CASE_FILES)
nodist_libct_la_SOURCES = builds-on.c quirks.c registry.c requirements.c
libct_la_LIBADD = libpipc-core.la

bin_PROGRAMS += pipc-conform
pipc_conform_SOURCES = conformance/main.c conformance/no-mutants.c
pipc_conform_LDADD = libct.la

# The same program with the seeded bugs: never installed.
check_PROGRAMS += pipc-mutants
pipc_mutants_SOURCES = conformance/main.c $(MUTANT_FILES) $(MUTANT_SHARED)
nodist_pipc_mutants_SOURCES = mutants.c
pipc_mutants_LDADD = libct.la

# Tables made from the sources.
CLEANFILES += mutation-*.txt builds-on.c quirks.c registry.c requirements.c mutants.c
registry.c: tools/registry.awk $(CASE_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -v kinds='CT_CASE CT_PROGRAM' \
		-f tools/registry.awk $(CASE_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
mutants.c: tools/registry.awk $(MUTANT_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -v kinds=CT_MUTANT \
		-f tools/registry.awk $(MUTANT_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
quirks.c: tools/quirks.awk $(QUIRK_FILES) $(CASE_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f tools/quirks.awk \
		$(QUIRK_FILES) $(CASE_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
builds-on.c: tools/builds-on.awk conformance/builds-on.txt $(CASE_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f tools/builds-on.awk \
		conformance/builds-on.txt $(CASE_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
requirements.c: tools/requirements.awk conformance/requirements.txt
	$(AM_V_GEN)$(AWK) -f $(srcdir)/tools/requirements.awk \
		$(srcdir)/conformance/requirements.txt > $@.tmp
	$(AM_V_at)mv $@.tmp $@

# The closed lists of cases are tests; each case is in exactly one of them.
TEST_EXTENSIONS += .cases
CASES_LOG_DRIVER = $(TAP_DRIVER)
AM_CASES_LOG_DRIVER_FLAGS = --ignore-exit
CASES_LOG_COMPILER = $(builddir)/pipc-conform
AM_CASES_LOG_FLAGS = -j2 --cases
MUSTPASS = conformance/mustpass/gen.cases conformance/mustpass/mq.cases \
	conformance/mustpass/sem.cases conformance/mustpass/shm.cases
TESTS += $(MUSTPASS)

# Skipped is not passed: in words what these runs did not check, after all tests.
check-local: check-TESTS
	@logs=; for log in $(TEST_LOGS); do \
		case $$log in conformance/mustpass/*) logs="$$logs $$log" ;; \
		esac; done; \
	test -z "$$logs" || $(AWK) -f $(srcdir)/tools/unchecked.awk $$logs

# Unit tests of the harness.
if HAVE_CHECK
HARNESS_TESTS = conformance/tests/check_blocked \
	conformance/tests/check_cause \
	conformance/tests/check_check conformance/tests/check_clock \
	conformance/tests/check_end conformance/tests/check_errno_name \
	conformance/tests/check_exit \
	conformance/tests/check_expect \
	conformance/tests/check_identity conformance/tests/check_init \
	conformance/tests/check_json_read conformance/tests/check_ledger \
	conformance/tests/check_mutant conformance/tests/check_object \
	conformance/tests/check_options conformance/tests/check_peer \
	conformance/tests/check_probe conformance/tests/check_report \
	conformance/tests/check_resume \
	conformance/tests/check_run conformance/tests/check_signals \
	conformance/tests/check_start conformance/tests/check_thread
check_PROGRAMS += $(HARNESS_TESTS)
TESTS += $(HARNESS_TESTS)
endif
EXTRA_DIST += conformance/tests/check_ct.h

# The whole program: the order of results, the writers, quirks, every seeded bug
# (also by itself: make mutation), hostile environments and what makes them.
HOSTILE_TESTS = conformance/tests/hostile.sh \
	conformance/tests/hostile-pause.sh \
	conformance/tests/hostile-queues.sh \
	conformance/tests/hostile-scarce.sh \
	conformance/tests/hostile-shm.sh \
	conformance/tests/hostile-signals.sh \
	conformance/tests/hostile-start.sh
# They count what a user has, and the runs with seeded bugs use up most of it.
conformance/tests/hostile.log conformance/tests/hostile-pause.log \
conformance/tests/hostile-queues.log conformance/tests/hostile-scarce.log \
conformance/tests/hostile-shm.log conformance/tests/hostile-signals.log \
conformance/tests/hostile-start.log: conformance/tests/mutation.log \
	conformance/tests/mutation-ref.log
PROGRAM_TESTS = $(HOSTILE_TESTS) conformance/tests/cause.sh \
	conformance/tests/first-process.sh conformance/tests/mutation.sh \
	conformance/tests/mutation-ref.sh \
	conformance/tests/order.sh conformance/tests/quirks.sh \
	conformance/tests/reference.sh conformance/tests/resume.sh \
	conformance/tests/runner.sh conformance/tests/start.sh \
	conformance/tests/trace.sh \
	conformance/tests/writers.sh
TESTS += $(PROGRAM_TESTS)
PHONY_TARGETS += mutation
mutation: pipc-mutants
	$(AM_TESTS_ENVIRONMENT) for backend in system ref; do \
		$(SHELL) $(srcdir)/conformance/tests/mutation.sh $$backend || \
			exit 1; done
check_PROGRAMS += deny
deny_SOURCES = conformance/tests/deny.c
deny_LDADD =
check_PROGRAMS += environment
environment_SOURCES = conformance/tests/environment.c \
	conformance/tests/environment-pause.c \
	conformance/tests/environment.h
environment_LDADD =
if SHARED_LINUX
check_LTLIBRARIES += step-clock.la
step_clock_la_SOURCES = conformance/tests/step-clock.c
step_clock_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
endif

# The installed program, as its users start it.
installcheck-local: installcheck-lib
	"$(DESTDIR)$(bindir)/pipc-conform" --allow-unchecked

dist_man_MANS += conformance/pipc-conform.1
# The schema of --json, and what the ids of sentences and requirements mean.
dist_pkgdata_DATA = conformance/pipc.schema.json \
	conformance/requirements.txt conformance/specification.txt
EXTRA_DIST += $(PROGRAM_TESTS) conformance/tests/hostile-common.sh \
	$(MUSTPASS) $(NOTE_FILES) $(QUIRK_FILES) \
	conformance/DESIGN.md conformance/builds-on.txt tools/builds-on.awk \
	conformance/mutants/unmutated.txt tools/pipc-trace tools/quirks.awk tools/registry.awk \
	tools/requirements.awk tools/summary.awk tools/trust \
	tools/unchecked.awk
