#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutation.sh [BACKEND]: runs every seeded bug, laid over a backend ("system"),
# against the cases of the requirements that it breaks.  Each must make one of
# them fail, by a check and not by a time-out; and every requirement must have a
# mutant or a reason in conformance/mutants/unmutated.txt.
# Leaves the table of requirement, mutant and case in mutation-BACKEND.txt.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
backend=${1:-system}
mutants=$builddir/pipc-mutants
table=mutation-$backend.txt
# Bugs leave things behind, so where it is permitted they have a /dev/shm and an
# IPC namespace to themselves.
if [ -z "${PIPC_MUTATION_APART:-}" ] && [ -d /dev/shm ] &&
	unshare -m -i sh -c 'mount -t tmpfs none /dev/shm' 2>/dev/null; then
	PIPC_MUTATION_APART=1
	export PIPC_MUTATION_APART builddir srcdir AWK
	exec unshare -m -i sh -c \
		'mount -t tmpfs -o mode=1777 none /dev/shm && exec sh "$0" "$@"' \
		"$0" "$backend"
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$mutants" --list-mutants >"$dir/mutants"
"$mutants" --list >"$dir/cases"
# What is red without a bug catches none; what is skipped may.
"$mutants" --backend "$backend" --quirks none --seed 1 -j2 \
	>"$dir/no.mutant.tap" 2>&1 || :

# Many of them wait for a call that never returns, so they run side by side.
cut -f 1,2 "$dir/mutants" | while read -r name breaks; do
	reqs=
	for req in $breaks; do reqs="$reqs --req $req"; done
	printf '%s%s\n' "$name" "$reqs"
done >"$dir/jobs"
run_jobs() {
	xargs -P "${PIPC_MUTATION_JOBS:-6}" -L 1 sh -c '
		dir=$1 mutants=$2 backend=$3 name=$4
		shift 4
		"$mutants" --backend "$backend" --mutant "$name" --quirks none \
			--seed 1 -j2 "$@" \
			>>"$dir/$name.tap" 2>>"$dir/$name.err" || :
	' sh "$dir" "$mutants" "$backend"
}
run_jobs <"$dir/jobs"

unmutated=$srcdir/conformance/mutants/unmutated.txt
judge() {
"$AWK" -v dir="$dir" -v unmutated="$unmutated" -v table="$table" '
	function verdict(fine, text) {
		print (fine ? "ok " : "not ok ") ++tests " - " text
		survivors += !fine
	}
	# Which outcome did each case have that is red, or skipped?
	function read_tap(name,   file, line, part) {
		split("", outcome)
		file = dir "/" name ".tap"
		fewer = 0
		while ((getline line < file) > 0) {
			split(line, part, " ")
			if (line ~ /^not ok /)
				outcome[part[5]] = part[6]
			else if (name == "no.mutant" && line ~ / # SKIP /)
				unseen[part[4]]
			else if (line ~ / # SKIP / && !(part[4] in unseen))
				fewer++
		}
		close(file)
	}
	# The case of a requirement that fails; by time-out only if none else.
	function killer(req,   id, late) {
		late = ""
		for (id in outcome) {
			if (id in red ||
			    index(" " reqs[id] " ", " " req " ") == 0)
				continue
			if (outcome[id] != "TIMEOUT")
				return id
			late = "TIMEOUT " id
		}
		return late
	}
	# A case of it that shows nothing here: without a bug it is red, for
	# the system has it too, or it is skipped, for something is missing.
	function blind(req,   id) {
		for (id in reqs)
			if (id in unseen && \
			    index(" " reqs[id] " ", " " req " ") > 0)
				return id
		return ""
	}
	BEGIN {
		read_tap("no.mutant")
		for (id in outcome) {
			red[id]
			unseen[id]
		}
	}
	FILENAME == dir "/cases" {
		split($0, f, "\t")
		reqs[f[1]] = f[2]
		next
	}
	FILENAME == unmutated {
		if ($1 !~ /^[A-Z]+-[0-9]+$/)
			next
		if (NF < 2) {
			print "# no reason for " $1
			bad = 1
		}
		reason[$1]
		next
	}
	FILENAME == dir "/mutants" {
		split($0, f, "\t")
		read_tap(f[1])
		n = split(f[2], broken, " ")
		missed = excuse = ""
		excused_all = 1
		for (i = 1; i <= n; i++) {
			mutated[broken[i]]
			by = killer(broken[i])
			print broken[i] "\t" f[1] "\t" (by == "" ? "-" : by) > table
			if (by != "" && by !~ /^TIMEOUT/)
				continue
			missed = missed " " broken[i] \
			    (by == "" ? "" : " (" by ")")
			excuse = blind(broken[i])
			excused_all = excused_all && excuse != ""
		}
		if (missed != "" && excused_all)
			print "ok " ++tests " - " f[1] " # SKIP shows nothing here: " \
			    excuse
		else
			verdict(missed == "", f[1] (missed == "" ? "" : \
			    " survives:" missed " (" f[3] ")" \
			    (fewer == 0 ? "" : "; its effect is that " fewer \
			    " cases are not checked")))
		next
	}
	$1 == "requirement:" { all[$2]; total++ }
	END {
		for (r in all) {
			have += r in mutated
			excused += r in reason
			if (!(r in mutated) && !(r in reason)) {
				print "# no mutant and no reason: " r
				bare++
			}
			if (r in mutated && r in reason) {
				print "# a mutant and a reason for none: " r
				bad = 1
			}
		}
		verdict(!bad, "reasons are of use")
		print "# " have " of " total " requirements have a mutant, " \
		    excused + 0 " a reason for none, " bare + 0 " neither"
		print "1.." tests
		exit survivors > 0
	}
' "$dir/cases" "$unmutated" "$dir/mutants" \
	"$srcdir/conformance/requirements.txt" >"$dir/verdict"
}

# A bug that shows only when two things meet is given more chances to.
tries=1
until judge; do
	sed -n 's/^not ok [0-9]* - \([a-z0-9_]*\) survives.*/\1/p' "$dir/verdict" \
		>"$dir/survivors"
	if [ "$tries" -ge 6 ] || [ ! -s "$dir/survivors" ]; then
		break
	fi
	tries=$((tries + 1))
	"$AWK" 'FNR == NR { again[$1]; next } $1 in again' "$dir/survivors" \
		"$dir/jobs" | run_jobs
done
cat "$dir/verdict"
sort -o "$table" "$table"
echo "# the whole table: $table"
! grep -q "^not ok" "$dir/verdict"
