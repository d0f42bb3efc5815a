# SPDX-License-Identifier: BSD-3-Clause
# The stress suite.  A workload's file is added to WORKLOAD_FILES, a file of
# mutants to STRESS_MUTANT_FILES, and nowhere else.
WORKLOAD_FILES = stress/workloads/pair.c stress/workloads/depth.c \
	stress/workloads/pingpong.c stress/workloads/stream.c \
	stress/workloads/notify.c stress/workloads/sem.c \
	stress/workloads/shm.c stress/workloads/churn.c \
	stress/workloads/timeout.c stress/workloads/kill.c \
	stress/workloads/stop.c \
	stress/workloads/limits.c stress/workloads/idle.c \
	stress/workloads/create.c stress/workloads/line.c
STRESS_MUTANT_FILES = stress/mutants/messages.c stress/mutants/others.c \
	stress/mutants/refusals.c

# The harness and all workloads, for both programs.
noinst_LTLIBRARIES += libst.la
libst_la_SOURCES = stress/calibrate.c stress/cell.c stress/gates.c \
	stress/compare.c stress/hist.c stress/hist.h stress/history.c stress/history.h \
	stress/host.c stress/json.c stress/linear.c stress/linear.h \
	stress/message.c stress/message.h stress/objects.c \
	stress/outcome.c \
	stress/plan.c stress/report.c stress/roads.c stress/roads.h \
	stress/run.c stress/run.h stress/stats.c stress/stats.h \
	stress/stress.h stress/verdict.c stress/watch.c $(WORKLOAD_FILES)
nodist_libst_la_SOURCES = workloads.c
libst_la_CPPFLAGS = -I$(srcdir)/stress $(AM_CPPFLAGS)
libst_la_LIBADD = libct.la

bin_PROGRAMS += pipc-stress
pipc_stress_SOURCES = stress/main.c conformance/no-mutants.c
pipc_stress_CPPFLAGS = $(libst_la_CPPFLAGS)
pipc_stress_LDADD = libst.la

# The same program with the seeded bugs: never installed.
check_PROGRAMS += stress-mutants
stress_mutants_SOURCES = stress/main.c $(STRESS_MUTANT_FILES)
nodist_stress_mutants_SOURCES = stress-mutants.c
stress_mutants_CPPFLAGS = $(libst_la_CPPFLAGS)
stress_mutants_LDADD = libst.la

# Tables made from the sources.
CLEANFILES += workloads.c stress-mutants.c
workloads.c: tools/registry.awk $(WORKLOAD_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -v kinds=ST_WORKLOAD \
		-f tools/registry.awk $(WORKLOAD_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@
stress-mutants.c: tools/registry.awk $(STRESS_MUTANT_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -v kinds=CT_MUTANT \
		-f tools/registry.awk $(STRESS_MUTANT_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@

TESTS += stress/tests/history.sh stress/tests/mutants.sh \
	stress/tests/smoke.sh stress/tests/stress.sh
EXTRA_DIST += stress/tests/backends stress/tests/bench.py \
	stress/tests/history.sh stress/tests/mutants.sh \
	stress/tests/smoke.sh stress/tests/stress.sh tools/bench \
	tools/pipc-report tools/pipc_bench.py

dist_man_MANS += stress/pipc-stress.1

# The schema of --json, for readers.
dist_pkgdata_DATA += stress/stress.schema.json

# Two minutes of measurements.
stress: pipc-stress$(EXEEXT)
	./pipc-stress --profile quick --allow-unchecked
PHONY_TARGETS += stress

# Processes killed after each instruction, and 3,000 at random for each kind of
# object and side; an hour of the latter, or SECONDS.
storm: pipc-stress$(EXEEXT) lib/tests/killed/killed$(EXEEXT)
	lib/tests/killed/killed$(EXEEXT) --all
	./pipc-stress --backend ref --run 'kill/*' --run 'stop/*' --kills 3000 \
		--format tap
soak: pipc-stress$(EXEEXT)
	./pipc-stress --backend ref --run 'kill/*' --run 'stop/*' --kills 3000 \
		--format tap --profile soak --seconds $${SECONDS:-3600}
PHONY_TARGETS += storm soak

# All backends side by side, for ten minutes: bench.md.
bench: pipc-stress$(EXEEXT)
	$(srcdir)/tools/bench
PHONY_TARGETS += bench
CLEANFILES += bench.jsonl bench.md

if HAVE_CHECK
check_PROGRAMS += check_hist check_linear check_stats
TESTS += check_hist check_linear check_stats
endif
check_hist_SOURCES = stress/tests/check_hist.c stress/tests/check_st.h \
	stress/hist.c stress/hist.h stress/stats.c stress/stats.h
check_stats_SOURCES = stress/tests/check_stats.c stress/tests/check_st.h \
	stress/stats.c stress/stats.h
check_linear_SOURCES = stress/tests/check_linear.c stress/tests/check_st.h \
	stress/linear.c stress/linear.h stress/stats.c stress/stats.h
check_hist_CPPFLAGS = -I$(srcdir)/stress $(AM_CPPFLAGS)
check_stats_CPPFLAGS = $(check_hist_CPPFLAGS)
check_linear_CPPFLAGS = $(check_hist_CPPFLAGS)
