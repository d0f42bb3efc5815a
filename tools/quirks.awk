# SPDX-License-Identifier: BSD-3-Clause
# Compiles platform-notes/*.quirks to C tables; the sources of the cases follow
# the quirk files, so that a glob that matches no case is an error.
# platform-notes/README.md describes the format.
function fail(where, text) {
	print where ": " text >"/dev/stderr"
	bad = 1
}
function quoted(text) {
	gsub(/[\\"]/, "\\\\&", text)
	return "\"" text "\""
}
# A shell glob as a regular expression.
function regex(glob) {
	gsub(/[.+^$(){}|\\]/, "\\\\&", glob)
	gsub(/\*/, ".*", glob)
	gsub(/\?/, ".", glob)
	return "^" glob "$"
}
function check_match(text,   n, i, word, name) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		name = word[i]
		sub(/[=<>!].*/, "", name)
		if (word[i] !~ /^[a-z_]+(=|!=|<|<=|>|>=)[^=<>!]+$/)
			fail(at["match"], "not FIELD=VALUE: '" word[i] "'")
		else if (index(" os version build machine libc libc_version " \
		    "arch emulator backend ", " " name " ") == 0)
			fail(at["match"], "unknown field to match: '" name "'")
		else if (word[i] ~ /[<>]/ && word[i] !~ /[<>]=?[0-9.]+$/)
			fail(at["match"], "not a version: '" word[i] "'")
	}
}
function check_outcomes(text,   n, i, word) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++)
		if (index(" pass fail timeout crash leak noted unsupported " \
		    "unresolved ", " " word[i] " ") == 0)
			fail(at["expect"], "unknown outcome: '" word[i] "'")
}
function check_signs(text,   n, i, word) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++)
		if (word[i] !~ /^(limit|number):[^<]+<[0-9]+$/ && \
		    word[i] !~ /^(missing|read-only|small|unwritable):\// && \
		    word[i] !~ /^filter:cause$/ && \
		    word[i] !~ /^held:(half|queues)$/)
			fail(at["sign"], "unknown sign: '" word[i] "'")
}
function check_capabilities(text,   n, i, word) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++)
		if (index(" sem sem_timedwait sem_clockwait sem_getvalue " \
		    "sem_init shm mq mq_notify uids native none ", \
		    " " word[i] " ") == 0)
			fail(at["capabilities"], \
			    "unknown capability: '" word[i] "'")
}
function need(names,   n, i, name) {
	n = split(names, name, " ")
	for (i = 1; i <= n; i++)
		if (value[name[i]] == "")
			fail(place, "no '" name[i] ":' in this stanza")
}
function flush(   n, i, glob) {
	if (kind == "" || kind == "unknown") {
		kind = last = ""
		return
	}
	if (value[kind] in seen)
		fail(place, "second stanza of that name: '" value[kind] "'")
	seen[value[kind]]
	# gawk 5.2 may crash when given an element that is not set; a text is.
	check_match(value["match"] "")
	if (kind == "quirk") {
		need("quirk match cases expect source note")
		check_outcomes(value["expect"] "")
		n = split(value["cases"], glob, " ")
		for (i = 1; i <= n; i++)
			globs[++globs_n] = at["cases"] SUBSEP glob[i]
		quirks = quirks "\t{" quoted(value["quirk"]) ", " \
		    quoted(value["match"]) ",\n\t " quoted(value["cases"]) \
		    ", " quoted(value["expect"]) ",\n\t " \
		    quoted(value["source"]) ",\n\t " quoted(value["note"]) \
		    ", " (value["source"] ~ /unverified/ ? "true" : "false") \
		    "},\n"
	} else if (kind == "remedy") {
		need("remedy match cause text source")
		check_signs(value["sign"] "")
		remedies = remedies "\t{" quoted(value["remedy"]) ", " \
		    quoted(value["match"]) ", " quoted(value["cause"]) \
		    ",\n\t " quoted(value["sign"] "") ",\n\t " \
		    quoted(value["text"]) "},\n"
	} else {
		need("provides match capabilities source")
		check_capabilities(value["capabilities"] "")
		provisions = provisions "\t{" quoted(value["provides"]) \
		    ", " quoted(value["match"]) ",\n\t " \
		    quoted(value["capabilities"]) ",\n\t " \
		    quoted(value["source"]) "},\n"
	}
	kind = last = ""
	split("", value)
}
FNR == 1 { flush() }
{ sub(/\r$/, "") }
FILENAME ~ /\.c$/ {
	if (match($0, /\.id = "[^"]*"/))
		ids[substr($0, RSTART + 7, RLENGTH - 8)]
	next
}
/^#/ { next }
/^[ \t]*$/ { flush(); next }
/^[ \t]/ && kind == "unknown" { next }
/^[ \t]/ {
	if (last == "")
		fail(FILENAME ":" FNR, "a continuation of nothing")
	sub(/^[ \t]+/, " ")
	sub(/[ \t]+$/, "")
	value[last] = value[last] $0
	next
}
{
	here = FILENAME ":" FNR
	if ($0 !~ /^[a-z]+:/) {
		fail(here, "not 'field: value': '" $0 "'")
		next
	}
	name = $1
	sub(/:.*/, "", name)
	text = $0
	sub(/^[a-z]+:[ \t]*/, "", text)
	sub(/[ \t]+$/, "", text)
	if (kind == "") {
		place = here
		kind = name
		if (kind != "quirk" && kind != "remedy" && kind != "provides") {
			fail(here, "a stanza begins with 'quirk:', " \
			    "'remedy:' or 'provides:', not '" name ":'")
			kind = "unknown"
		}
	}
	if (kind == "unknown")
		next
	allowed = kind == "remedy" ? " remedy match cause sign text source " : \
	    kind == "provides" ? " provides match capabilities source " : \
	    " quirk match cases expect source note "
	if (index(allowed, " " name " ") == 0)
		fail(here, "unknown field: '" name "'")
	if (name in value)
		fail(here, "second '" name ":' in this stanza")
	value[last = name] = text
	at[name] = here
}
END {
	flush()
	for (i = 1; i <= globs_n; i++) {
		split(globs[i], part, SUBSEP)
		found = 0
		for (id in ids)
			if (id ~ regex(part[2]))
				found = 1
		if (!found)
			fail(part[1], "no case matches '" part[2] "'")
	}
	if (bad)
		exit 1
	print "/* Made by tools/quirks.awk. */\n#include \"expect.h\"\n"
	print "const struct ct_quirk ct_quirks[] = {"
	print quirks "\t{.id = NULL},\n};\n"
	print "const struct ct_remedy ct_remedies[] = {"
	print remedies "\t{.id = NULL},\n};\n"
	print "const struct ct_provision ct_provisions[] = {"
	print provisions "\t{.id = NULL},\n};"
}
