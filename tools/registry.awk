# SPDX-License-Identifier: BSD-3-Clause
# Makes the table of all cases from their sources.
BEGIN { print "/* Made by tools/registry.awk. */\n#include \"run.h\"\n" }
/^CT_CASE\(/ {
	split($0, part, /[(,]/)
	names[++n] = part[2]
	print "extern const struct ct_case ct_case_" part[2] ";"
}
END {
	print "\nconst struct ct_case *const ct_cases[] = {"
	for (i = 1; i <= n; i++)
		print "\t&ct_case_" names[i] ","
	print "\tNULL,\n};"
}
