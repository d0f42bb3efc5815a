#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The compiler of builds-on.txt names what is wrong in it, and a run with seeded
# bugs names the case to look at first.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf '.id = "%s"\n' sem.open.new sem.open.old sem.wait.blocks meta.x \
	capability.sem >"$dir/cases.c"
good='sem.open.new:
sem.open: sem.open.new
sem.wait: sem.open.new
	sem.open'
n=0
result() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/out"
	fi
}
compile() { # SED-SCRIPT
	printf '%s\n' "$good" | sed "$1" >"$dir/builds-on.txt"
	"$AWK" -f "$srcdir/tools/builds-on.awk" "$dir/builds-on.txt" \
		"$dir/cases.c" >"$dir/out" 2>&1
}
accepts() { # SED-SCRIPT TEXT
	compile "$1" && grep -q -- "$2" "$dir/out"
}
refuses() { # SED-SCRIPT TEXT
	! compile "$1" && grep -q -- "$2" "$dir/out"
}
result good accepts '' '"sem.wait", {0, 1, -1}'
result longest-line accepts '' '"sem.open.old", 1}'
result no-line-for-capabilities accepts '' '"capability.sem", -1}'
result missing-topic refuses '/^sem.wait/,$d' \
	"cases.c:3: no line for the topic 'sem.wait'"
result unknown-case refuses 's/^sem.open.new:/sem.open.news:/' \
	"builds-on.txt:1: no case has the id 'sem.open.news'"
result unknown-base refuses 's/sem.open.new$/sem.open.nil/' \
	"builds-on.txt:2: no line has the id 'sem.open.nil'"
result cycle refuses 's/^sem.open.new:/& sem.wait/' 'builds on itself'
result own-cycle refuses 's/^sem.open.new:/& sem.open.new/' 'builds on itself'
result twice refuses 's/^sem.wait:/sem.open:/' "second line for 'sem.open'"
result no-colon refuses 's/^sem.wait:/sem.wait/' "not 'id: id...'"
result nothing-to-continue refuses '1s/^/	/' 'a continuation of nothing'
result too-many refuses \
	'$s/$/ sem.open sem.open sem.open sem.open sem.open sem.open/' \
	'more than 7 ids'

first() { # MUTANT CASE [OPTION...]
	mutant=$1
	text="^# look first at: $2 ([1-9][0-9]* further red case"
	shift 2
	"$builddir/pipc-mutants" --mutant "$mutant" -j2 "$@" >"$dir/out" || true
	grep -q "$text" "$dir/out"
}
result seeded-bug first sem_wait_gives_up sem.wait.blocks-until-post \
	--run 'sem.wait.*' --run 'sem.post.*'
result seeded-bug-capability first sem_open_zero_is_one capability.sem \
	--run 'sem.open.*'
result seeded-bug-shm first shmm_resized_once shm.size.exact \
	--run 'shm.size.*' --run 'shm.open.*'
quiet() {
	"$builddir/pipc-mutants" --run 'sem.open.*' >"$dir/out" || true
	! grep -q '^# look first' "$dir/out"
}
result nothing-red quiet
echo "1..$n"
