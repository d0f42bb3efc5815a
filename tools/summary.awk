# SPDX-License-Identifier: BSD-3-Clause
# Counts per area from the runner's TAP, and each deviation in full.
/^(not )?ok / {
	sub(/^not ok/, "not")
	id = $4
	sub(/[.].*/, "", id)
	areas[id]
	kind = /# SKIP/ ? "skipped" : $1 == "not" ? "deviates" : "passed"
	count[id, kind]++
}
/^not / || /# SKIP/ { print }
/^#/ && last_bad { print }
/^(not|ok) / { last_bad = $1 == "not" }
END {
	for (a in areas)
		printf "%-5s %3d passed %3d deviate %3d skipped\n", a,
		    count[a, "passed"], count[a, "deviates"], count[a, "skipped"]
}
