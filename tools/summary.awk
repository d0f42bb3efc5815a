# SPDX-License-Identifier: BSD-3-Clause
# What a run of pipc-conform came to, from its TAP: counts for each area, a
# sentence with its requirements for each deviation, what was not checked and how
# to get it, and the status.

BEGIN {
	title["sem"] = "semaphores"
	title["shm"] = "shared memory"
	title["mq"] = "message queues"
	title["gen"] = "all kinds"
	title["scenario"] = "scenarios"
	title["capability"] = "capabilities"
	order = "sem shm mq gen scenario capability"
	# Capabilities that are not the name of an area.
	name["mq_notify"] = "notification of message queues"
	name["sem_init"] = "semaphores without a name"
	name["uids"] = "other users"
}

# Adds what was read of a case to the list of its group.
function tell() {
	if (group == "skipped") {
		skips++
		skip_id[skips] = id
		skip_area[skips] = area
		skip_why[skips] = why
		skip_outcome[skips] = outcome
	} else if (group != "")
		list[group] = list[group] "  " id \
		    (reqs == "" ? "" : " (" reqs ")") ": " \
		    (why != "" ? why : ought " does not hold: " came) "\n" \
		    (group == "red" ? "    " again "\n" : "")
	number[group]++
	group = reqs = why = ought = came = again = ""
}

/^(not )?ok / {
	tell()
	bad = $1 == "not"
	id = $(bad ? 4 : 3)
	if (id == "-")
		id = $(bad ? 5 : 4)
	area = id
	sub(/[.].*/, "", area)
	if (!(area in title)) {
		title[area] = area
		order = order " " area
	}
	if (/# TODO/)
		group = bad ? "known" : "gone"
	else if (/# SKIP/)
		group = "skipped"
	else if (bad)
		group = "red"
	seen[area]
	if (group == "gone")
		why = "known as " $NF ", but it is not so here"
	if (group == "skipped") {
		why = outcome = $0
		sub(/.*# SKIP /, "", outcome)
		sub(/[^A-Z].*/, "", outcome)
		sub(/.*# SKIP [A-Z]*:? */, "", why)
	} else
		count[area, bad ? "deviate" : "passed"]++
	next
}
/^# quirk / && group == "known" {
	why = $0
	sub(/^# quirk [^ ]* /, "", why)
}
# Once a line; what a case wrote is not looked at.
/^# not on this system: / {
	sub(/^# [^:]*: /, "")
	list["missing"] = list["missing"] "  " $0 "\n"
	number["missing"]++
	next
}
/^# broken: / {
	sub(/^# broken: /, "")
	list["broken"] = list["broken"] "  " $0 "\n"
	number["broken"]++
	next
}
# "mq, 198 cases: mq_open: EMFILE; ...; remedy: ..."
/^# not checked: / {
	sub(/^# not checked: /, "")
	what = cause = $0
	sub(/, [0-9]+ cases?: .*/, "", what)
	sub(/^.*, [0-9]+ cases?: /, "", cause)
	match($0, /, [0-9]+ case/)
	n = substr($0, RSTART + 2, RLENGTH - 7)
	said = what in name ? name[what] : what in title ? title[what] : what
	if (what !~ /[.]/ || n != 1)
		said = said ", " n (n == 1 ? " case" : " cases")
	list["unchecked"] = list["unchecked"] "  " said ": " cause "\n"
	sub(/; remedy: .*/, "", cause)
	unchecked[cause]
	unchecked[what]
	next
}
/^# look first at: / {
	first = "Look first at " substr($0, 18) "\n"
	next
}
/^# status [0-9]+: / {
	status = substr($0, 3) "\n"
	next
}
/^# / && group == "red" && came == "" {
	came = substr($0, 3)
	sub(/^[^ ]*:[0-9]+: /, "", came) # where in the sources
}
/^# a correct system: / { ought = "\"" substr($0, 21) "\"" }
/^# [A-Z]+-[0-9]+: / {
	reqs = reqs (reqs == "" ? "" : " ") substr($2, 1, length($2) - 1)
}
/^# again: / { again = substr($0, 3) }
/^Bail out!/ {
	list["end"] = "  " $0 "\n"
	number["end"] = 1
}

# A case was skipped because it is not known to be here, or should have been
# checked: the last lines have the reasons of the latter.
function is_unchecked(i, cause) {
	cause = skip_why[i]
	if (skip_outcome[i] == "UNRESOLVED" || skip_id[i] in unchecked)
		return 1
	sub(/^[a-z_]+: /, "", cause)
	return cause in unchecked
}
function sort_skips(i) {
	for (i = 1; i <= skips; i++) {
		if (is_unchecked(i)) {
			count[skip_area[i], "unchecked"]++
			number["unchecked"]++
			continue
		}
		count[skip_area[i], "absent"]++
		number["absent"]++
		if (!(skip_why[i] in absent))
			reason[++reasons] = skip_why[i]
		absent[skip_why[i]] = absent[skip_why[i]] " " skip_id[i]
	}
	for (i = 1; i <= reasons; i++) {
		n = split(absent[reason[i]], ids, " ")
		list["absent"] = list["absent"] "  " \
		    (n == 1 ? ids[1] : n " cases") ": " reason[i] "\n"
	}
}
function section(group, title) {
	if (number[group] > 0)
		printf "\n%s (%d):\n%s", title, number[group], list[group]
}
END {
	tell()
	sort_skips()
	printf "%-16s %9s %9s %9s %9s\n", "", "passed", "deviate", "unchecked",
	    "absent"
	areas = split(order, area_of, " ")
	for (i = 1; i <= areas; i++) {
		a = area_of[i]
		# That all capabilities are present is no news.
		if (!(a in seen) || (a == "capability" && !((a, "deviate") in \
		    count) && !((a, "unchecked") in count) && \
		    !((a, "absent") in count)))
			continue
		printf "%-16s %9d %9d %9d %9d\n", title[a], count[a, "passed"],
		    count[a, "deviate"], count[a, "unchecked"],
		    count[a, "absent"]
	}
	section("end", "The run did not finish")
	section("broken", "Broken capabilities")
	section("missing", "Not on this system")
	section("red", "Regressions")
	section("known", "Known deviations of this system")
	section("gone", "Stale quirks")
	section("absent", "Not for this system")
	section("unchecked", "Not checked")
	if (first status != "")
		printf "\n%s%s", first, status
}
