# SPDX-License-Identifier: BSD-3-Clause
# Makes a C table of conformance/builds-on.txt, which describes its format; the
# sources of the cases follow it, so that the ids in it can be checked.
function fail(where, text) {
	print where ": " text >"/dev/stderr"
	bad = 1
}
# Is the id this case's, or a part of it that ends before a dot?
function part_of(id, whole) {
	return id == whole || index(whole, id ".") == 1
}
# The number of the line that a case belongs to, from 0, or -1.
function line_of(name) {
	while (name != "" && !(name in number))
		if (!sub(/\.[^.]*$/, "", name))
			return -1
	return number[name] - 1
}
# 1 while the ids that it builds on are visited, 2 afterwards.
function visit(n,   i, list, count) {
	state[n] = 1
	count = split(on[n], list, " ")
	for (i = 1; i <= count; i++) {
		if (!(list[i] in number))
			fail(at[n], "no line has the id '" list[i] "'")
		else if (state[number[list[i]]] == 1)
			fail(at[n], id[n] " builds on itself, by " list[i])
		else if (state[number[list[i]]] == "")
			visit(number[list[i]])
	}
	state[n] = 2
}
FILENAME ~ /\.c$/ {
	if (match($0, /\.id = "[^"]*"/)) {
		name = substr($0, RSTART + 7, RLENGTH - 8)
		if (name !~ /^meta\./ && !(name in cases)) {
			order[++cases_n] = name
			cases[name] = FILENAME ":" FNR
		}
	}
	next
}
/^#/ || NF == 0 { next }
/^[ \t]/ {
	if (total == 0)
		fail(FILENAME ":" FNR, "a continuation of nothing")
	on[total] = on[total] " " $0
	next
}
{
	here = FILENAME ":" FNR
	name = $1
	if (name !~ /^[a-z0-9]+\.[a-z0-9.-]+:$/) {
		fail(here, "not 'id: id...': '" $0 "'")
		next
	}
	sub(/:$/, "", name)
	if (name in number)
		fail(here, "second line for '" name "'")
	id[++total] = name
	number[name] = total
	at[total] = here
	$1 = ""
	on[total] = $0
}
END {
	for (name in cases) {
		split(name, part, ".")
		topic = part[1] "." part[2]
		# capability.NAME: what all that needs it builds on.
		if (part[1] != "capability" && !(topic in number))
			fail(cases[name], "no line for the topic '" topic \
			    "' in conformance/builds-on.txt")
	}
	for (n = 1; n <= total; n++) {
		found = 0
		for (name in cases)
			found += part_of(id[n], name)
		if (!found)
			fail(at[n], "no case has the id '" id[n] "'")
		if (state[n] == "")
			visit(n)
		if (split(on[n], list, " ") > 7)
			fail(at[n], "more than 7 ids")
	}
	if (bad)
		exit 1
	print "/* Made by tools/builds-on.awk. */\n#include \"cause.h\"\n"
	print "const struct ct_builds_on ct_builds_on[] = {"
	for (n = 1; n <= total; n++) {
		text = ""
		count = split(on[n], list, " ")
		for (i = 1; i <= count; i++)
			text = text number[list[i]] - 1 ", "
		print "\t{\"" id[n] "\", {" text "-1}},"
	}
	print "\t{NULL, {-1}},\n};\n"
	print "const struct ct_cause_of ct_cause_of[] = {"
	for (n = 1; n <= cases_n; n++)
		print "\t{\"" order[n] "\", " line_of(order[n]) "},"
	print "\t{NULL, -1},\n};"
}
