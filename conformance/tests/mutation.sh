#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs every seeded bug against the cases of the requirements that it breaks.
# Each must make one of them fail, by a check and not by a time-out; and every
# requirement must have a mutant or a reason in conformance/mutants/unmutated*.
# Leaves the table of requirement, mutant and case in mutation.txt.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
mutants=$builddir/pipc-mutants
# Bugs leave things behind, so where it is permitted they have a /dev/shm and an
# IPC namespace to themselves.
if [ -z "${PIPC_MUTATION_APART:-}" ] && [ -d /dev/shm ] &&
	unshare -m -i sh -c 'mount -t tmpfs none /dev/shm' 2>/dev/null; then
	PIPC_MUTATION_APART=1
	export PIPC_MUTATION_APART builddir srcdir AWK
	exec unshare -m -i sh -c \
		'mount -t tmpfs -o mode=1777 none /dev/shm && exec sh "$0"' "$0"
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$mutants" --list-mutants >"$dir/mutants"
"$mutants" --list >"$dir/cases"
# What is red without a bug catches none.
"$mutants" --quirks none --seed 1 -j2 >"$dir/no.mutant.tap" 2>&1 || :
# Where something is missing the cases see less, so a bug may go unseen there.
lacks=$("$mutants" --probe | sed -n 's/	absent:.*//p' | tr '\n' ' ')

# Many of them wait for a call that never returns, so they run side by side.
cut -f 1,2 "$dir/mutants" | while read -r name breaks; do
	reqs=
	for req in $breaks; do reqs="$reqs --req $req"; done
	printf '%s%s\n' "$name" "$reqs"
done >"$dir/jobs"
run_jobs() {
	xargs -P "${PIPC_MUTATION_JOBS:-6}" -L 1 sh -c '
		dir=$1 mutants=$2 name=$3
		shift 3
		"$mutants" --mutant "$name" --quirks none --seed 1 -j2 "$@" \
			>>"$dir/$name.tap" 2>>"$dir/$name.err" || :
	' sh "$dir" "$mutants"
}
run_jobs <"$dir/jobs"

cat "$srcdir"/conformance/mutants/unmutated*.txt 2>/dev/null >"$dir/unmutated" || :
judge() {
"$AWK" -v dir="$dir" -v table=mutation.txt -v lacks="$lacks" '
	function verdict(fine, text) {
		print (fine ? "ok " : "not ok ") ++tests " - " text
		survivors += !fine
	}
	# Which outcome did each case have on this mutant?
	function read_tap(name,   file, line, part) {
		split("", outcome)
		skipped = 0
		file = dir "/" name ".tap"
		while ((getline line < file) > 0) {
			if (line !~ /^(not )?ok /)
				continue
			skipped += line ~ / # SKIP /
			if (line !~ /^not ok /)
				continue
			split(line, part, " ")
			outcome[part[5]] = part[6]
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
	# The system itself has the bug: all cases of it are red anyway.
	function blind(req,   id, seen) {
		seen = 0
		for (id in reqs) {
			if (index(" " reqs[id] " ", " " req " ") == 0)
				continue
			if (!(id in red))
				return 0
			seen = 1
		}
		return seen
	}
	BEGIN {
		read_tap("no.mutant")
		for (id in outcome)
			red[id]
	}
	FILENAME == dir "/cases" {
		split($0, f, "\t")
		reqs[f[1]] = f[2]
		next
	}
	FILENAME == dir "/unmutated" {
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
		missed = ""
		for (i = 1; i <= n; i++) {
			mutated[broken[i]]
			by = killer(broken[i])
			skipped += by == "" && blind(broken[i])
			if (by == "" || by ~ /^TIMEOUT/)
				missed = missed " " broken[i] \
				    (by == "" ? "" : " (" by ")")
			print broken[i] "\t" f[1] "\t" (by == "" ? "-" : by) > table
		}
		if (missed != "" && lacks != "")
			print "ok " ++tests " - " f[1] " # SKIP no " lacks
		else if (missed != "" && skipped > 0)
			print "ok " ++tests " - " f[1] " # SKIP not supported here"
		else
			verdict(missed == "", f[1] (missed == "" ? "" : \
			    " survives:" missed " (" f[3] ")"))
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
' "$dir/cases" "$dir/unmutated" "$dir/mutants" \
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
sort -o mutation.txt mutation.txt
echo "# the whole table: mutation.txt"
! grep -q "^not ok" "$dir/verdict"
