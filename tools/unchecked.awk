# SPDX-License-Identifier: BSD-3-Clause
# What several runs of pipc-conform did not check, from their TAP: each cause
# once, with the cases of all runs.  Prints nothing when all was checked.

# "# not checked: mq, 198 cases: mq_open: EMFILE; ...; remedy: ..."
/^# not checked: / {
	sub(/^# not checked: /, "")
	if (!match($0, /, [0-9]+ cases?: /)) {
		more[++others] = $0
		next
	}
	what = substr($0, 1, RSTART - 1)
	why = substr($0, RSTART + RLENGTH)
	n = substr($0, RSTART + 2) + 0
	if (!((what, why) in cases)) {
		whats[++causes] = what
		whys[causes] = why
	}
	cases[what, why] += n
	all += n
}
END {
	if (causes + others > 0)
		printf "Not checked (%d):\n", all
	for (i = 1; i <= causes; i++) {
		n = cases[whats[i], whys[i]]
		printf "  %s, %d case%s: %s\n", whats[i], n, (n == 1 ? "" : "s"),
		    whys[i]
	}
	for (i = 1; i <= others; i++)
		print "  " more[i]
}
