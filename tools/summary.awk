# SPDX-License-Identifier: BSD-3-Clause
# What a run of pipc-conform came to, from its TAP: counts for each area, and a
# sentence with its requirements for each deviation.

BEGIN {
	title["sem"] = "semaphores"
	title["shm"] = "shared memory"
	title["mq"] = "message queues"
	title["gen"] = "all kinds"
	title["scenario"] = "scenarios"
	order = "sem shm mq gen scenario"
}

# Adds what was read of a case to the list of its group.
function tell() {
	if (group == "skipped") {
		if (!(why in skipped))
			reason[++reasons] = why
		skipped[why] = skipped[why] " " id
	} else if (group != "")
		list[group] = list[group] "  " id \
		    (reqs == "" ? "" : " (" reqs ")") ": " \
		    (why != "" ? why : ought " does not hold: " came) "\n" \
		    (group == "news" ? "    " again "\n" : "")
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
		group = "news"
	seen[area]
	count[area, bad ? "deviates" : group == "skipped" ? group : "passed"]++
	if (group == "gone")
		why = "known as " $NF ", but it is not so here"
	if (group == "skipped") {
		why = $0
		sub(/.*# SKIP [A-Z]*:? */, "", why)
	}
	next
}
/^# quirk / && group == "known" {
	why = $0
	sub(/^# quirk [^ ]* /, "", why)
}
/^# / && group == "news" && came == "" {
	came = substr($0, 3)
	sub(/^[^ ]*:[0-9]+: /, "", came) # where in the sources
}
/^# a correct system: / { ought = "\"" substr($0, 21) "\"" }
/^# [A-Z]+-[0-9]+: / {
	reqs = reqs (reqs == "" ? "" : " ") substr($2, 1, length($2) - 1)
}
/^# again: / { again = substr($0, 3) }
/^# (not on this system|could not be checked): / {
	sub(/^# [^:]*: /, "  ")
	list["missing"] = list["missing"] $0 "\n"
	number["missing"]++
}
/^Bail out!/ {
	list["end"] = "  " $0 "\n"
	number["end"] = 1
}

function section(group, title) {
	if (number[group] > 0)
		printf "\n%s (%d):\n%s", title, number[group], list[group]
}
END {
	tell()
	printf "%-16s %8s %8s %8s\n", "", "passed", "deviate", "skipped"
	areas = split(order, area_of, " ")
	for (i = 1; i <= areas; i++) {
		a = area_of[i]
		if (a in seen)
			printf "%-16s %8d %8d %8d\n", title[a],
			    count[a, "passed"], count[a, "deviates"],
			    count[a, "skipped"]
	}
	for (i = 1; i <= reasons; i++) {
		n = split(skipped[reason[i]], ids, " ")
		list["skipped"] = list["skipped"] "  " \
		    (n == 1 ? ids[1] : n " cases") ": " reason[i] "\n"
	}
	section("end", "Not at its end")
	section("missing", "Not here")
	section("news", "Deviations that nothing is known of")
	section("known", "Deviations that are known of this system")
	section("gone", "Known deviations that are gone")
	section("skipped", "Not checked")
}
