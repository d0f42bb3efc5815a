# SPDX-License-Identifier: BSD-3-Clause
# Makes the table of all workloads from their sources.
BEGIN { print "/* Made by stress/registry.awk. */\n#include \"run.h\"\n" }
/^ST_WORKLOAD\(/ {
	split($0, part, /[(,]/)
	names[++n] = part[2]
	print "extern const struct st_workload st_workload_" part[2] ";"
}
END {
	print "\nconst struct st_workload *const st_workloads[] = {"
	for (i = 1; i <= n; i++)
		print "\t&st_workload_" names[i] ","
	print "\tNULL,\n};"
}
