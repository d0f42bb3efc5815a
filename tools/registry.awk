# SPDX-License-Identifier: BSD-3-Clause
# Makes the tables of what is defined by KIND(name, ...) at the start of a line
# in C sources: -v kinds="CT_CASE CT_PROGRAM" names the kinds, each of which is
# a "struct ct_case" and a table "ct_cases".
BEGIN {
	print "/* Made by tools/registry.awk. */\n#include \"run.h\"\n"
	kinds_n = split(kinds, kind, " ")
}
open != "" {
	$0 = open $1
	open = ""
}
/^[CS]T_[A-Z]+\($/ {
	open = $0
	next
}
/^[CS]T_[A-Z]+\(/ {
	split($0, part, /[(,)]/)
	names[part[1], ++n[part[1]]] = part[2]
}
END {
	for (k = 1; k <= kinds_n; k++) {
		type = tolower(kind[k])
		for (i = 1; i <= n[kind[k]]; i++)
			print "extern const struct " type " " type "_" \
			    names[kind[k], i] ";"
		print "\nconst struct " type " *const " type "s[] = {"
		for (i = 1; i <= n[kind[k]]; i++)
			print "\t&" type "_" names[kind[k], i] ","
		print "\tNULL,\n};\n"
	}
}
