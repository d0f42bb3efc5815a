# SPDX-License-Identifier: BSD-3-Clause
# The stress suite.  A workload's file is added to WORKLOAD_FILES, and nowhere
# else.
WORKLOAD_FILES = stress/workloads/pair.c stress/workloads/depth.c \
	stress/workloads/pingpong.c stress/workloads/stream.c \
	stress/workloads/notify.c stress/workloads/sem.c \
	stress/workloads/shm.c stress/workloads/churn.c \
	stress/workloads/timeout.c stress/workloads/kill.c \
	stress/workloads/limits.c

bin_PROGRAMS += pipc-stress
pipc_stress_SOURCES = stress/cell.c stress/gates.c stress/hist.c \
	stress/hist.h stress/main.c stress/message.c stress/message.h \
	stress/mutants.c stress/mutants.h stress/objects.c stress/report.c \
	stress/roads.c stress/roads.h stress/run.c stress/run.h \
	stress/stats.c stress/stats.h stress/stress.h $(WORKLOAD_FILES)
nodist_pipc_stress_SOURCES = workloads.c
pipc_stress_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/stress
pipc_stress_LDADD = libpipc-core.la
CLEANFILES += workloads.c

# The table of all workloads, made from their sources.
workloads.c: stress/registry.awk $(WORKLOAD_FILES)
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f stress/registry.awk $(WORKLOAD_FILES)) > $@.tmp
	$(AM_V_at)mv $@.tmp $@

TESTS += stress/tests/smoke.sh
EXTRA_DIST += stress/registry.awk stress/tests/smoke.sh

# Two minutes of measurements.
stress: pipc-stress$(EXEEXT)
	./pipc-stress --profile quick
PHONY_TARGETS += stress

if HAVE_CHECK
check_PROGRAMS += check_hist check_stats
TESTS += check_hist check_stats
endif
check_hist_SOURCES = stress/tests/check_hist.c stress/tests/check_st.h \
	stress/hist.c stress/hist.h stress/stats.c stress/stats.h
check_stats_SOURCES = stress/tests/check_stats.c stress/tests/check_st.h \
	stress/stats.c stress/stats.h
check_hist_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/stress
check_stats_CPPFLAGS = $(check_hist_CPPFLAGS)
check_hist_CFLAGS = $(CHECK_CFLAGS)
check_stats_CFLAGS = $(CHECK_CFLAGS)
check_hist_LDADD = $(CHECK_LIBS)
check_stats_LDADD = $(CHECK_LIBS)
