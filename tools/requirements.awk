# SPDX-License-Identifier: BSD-3-Clause
# Makes a C table of conformance/requirements.txt, for messages.
function quoted(text) {
	gsub(/[\\"]/, "\\\\&", text)
	gsub(/\?\?/, "?\\?", text)
	return "\"" text "\""
}
function flush() {
	if (field["requirement"] == "")
		return
	print "\t{" quoted(field["requirement"]) ", " quoted(field["class"]) \
	    ",\n\t " quoted(field["basis"]) ",\n\t " quoted(field["text"]) "},"
	split("", field)
}
BEGIN {
	print "/* Made by tools/requirements.awk. */\n#include \"run.h\"\n"
	print "const struct ct_requirement ct_requirements[] = {"
}
/^requirement: / { flush() }
/^[a-z]+: / {
	name = $1
	sub(/:$/, "", name)
	sub(/^[a-z]+: /, "")
	field[name] = $0
}
END {
	flush()
	print "\t{NULL, NULL, NULL, NULL},\n};"
}
