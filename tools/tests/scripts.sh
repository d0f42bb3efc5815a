#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# tools/ci, tools/quickstart, tools/trust and the definitions of tools/runners, with
# a pipc-conform that only pretends: what they make of each status.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/tools/tests/check"
srcdir=$(cd "$srcdir" && pwd)
tools=$srcdir/tools

# A source tree whose configure makes a program that tells what FAKE says.
tree=$dir/tree
mkdir -p "$tree/tools" "$tree/conformance" "$tree/build/conformance/mustpass"
cp "$tools/ci" "$tools/quickstart" "$tools/pipc-matrix" \
	"$tools/pipc_records.py" "$tools/matrix.html" "$tools/summary.awk" \
	"$tools/unchecked.awk" "$tree/tools"
cp -R "$srcdir/platform-notes" "$tree"
cp "$srcdir/conformance/requirements.txt" "$tree/conformance"
touch -t 200001010000 "$tree/configure.ac"
cat >"$tree/configure" <<'END'
#!/bin/sh
cat >Makefile <<'END2'
all:
	cp ../fake pipc-conform
	echo 'echo "ok 1 - a"' >pipc-stress && chmod +x pipc-stress
check:
	@cp ../*.log conformance/mustpass; echo '# TOTAL: 3'; \
	echo '# PASS: 1'; echo '# SKIP: 2'; echo '# FAIL: 0'; \
	echo '# XFAIL: 0'; echo '# XPASS: 0'; echo '# ERROR: 0'; exit $$CHECK
END2
touch config.status
END
python3 "$tools/tests/handmade.py" "$dir"
cat >"$tree/fake" <<'END'
#!/bin/sh
# fake [OPTION...]: TAP on stdout, a log behind --json, the status of $FAKE.
for word; do
	case ${before:-} in --json)
		[ ! -s "$word" ] || [ -n "${force:-}" ] || exit 2
		cp "$LOG" "$word" ;;
	esac
	[ "$word" != --force ] || force=1
	before=$word
done
cat <<END2
1..3
ok 1 - sem.open.twice
ok 2 - mq.open.twice # SKIP UNRESOLVED: mq: mq_open: EMFILE; RLIMIT_MSGQUEUE is 0
ok 3 - mq.send.blocks # SKIP UNRESOLVED: mq: mq_open: EMFILE; RLIMIT_MSGQUEUE is 0
# not checked: mq, 2 cases: mq_open: EMFILE; RLIMIT_MSGQUEUE is 0; remedy: ulimit -q 819200
# 1 PASS 2 UNRESOLVED; 1 ok, 0 xfail, 0 xpass, 0 regression, 0 absent, 2 unchecked; 1 ms
# status $FAKE: a sentence
END2
exit "$FAKE"
END
chmod +x "$tree/configure" "$tree/fake"
LOG=$dir/denied.jsonl CHECK=0 FAKE=3
export LOG CHECK FAKE

# tools/ci: what is a result, and that it says it in words.
ci() { # STATUS NAME
	FAKE=$1 "$tree/tools/ci" "$2"
}
for status in 0 1 3 77; do
	check "ci-$status" 0 "^# status $status: " ci "$status" one
	n=$((n + 1))
	if [ -s "$tree/results/one.jsonl" ] && [ ! -e "$tree/results/one.not-run" ]; then
		echo "ok $n - ci-leaves-$status"
	else
		echo "not ok $n - ci-leaves-$status"
	fi
done
check ci-in-words 0 '^# not checked: mq, 2 cases: .*; remedy: ulimit' ci 3 one
check ci-bad-input 2 . ci 2 two
check ci-bad-input-says 0 '^pipc-conform could not run$' \
	cat "$tree/results/two.not-run"
rm -f "$tree"/results/*
merge() {
	"$tree/tools/ci" merge "$@"
}
cp "$dir/whole.jsonl" "$tree/results/whole.jsonl"
check merge-good 0 '\| 6 of 6 \|' merge whole
check merge-missing 0 'other: not run: its job left no result' merge whole other
cp "$dir/denied.jsonl" "$tree/results/denied.jsonl"
check merge-unchecked 1 '\| 3 of 6 \|' merge whole denied
check merge-allow 0 '\| 3 of 6 \|' merge --allow-unchecked whole denied
check merge-allow-in 0 '\| 3 of 6 \|' merge --allow-unchecked-in denied whole
check merge-allow-elsewhere 1 '\| 3 of 6 \|' \
	merge --allow-unchecked-in whole whole denied
check merge-option 2 "unknown option '--alow'" merge --alow whole
cp "$dir/broken-header.jsonl" "$tree/results/denied.jsonl"
check merge-broken 1 'broken' merge --allow-unchecked whole denied
cp "$dir/unfinished.jsonl" "$tree/results/denied.jsonl"
check merge-unfinished 1 'not finished' merge --allow-unchecked whole denied

# tools/quickstart, where what it would install is there.
tools_there() {
	for tool in autoreconf libtoolize gcc make pkg-config aclocal; do
		command -v "$tool" || return 1
	done
	[ -e "$(aclocal --print-ac-dir)/ax_pthread.m4" ] &&
		pkg-config --exists check && python3 -c 'import jsonschema'
}
if tools_there >/dev/null 2>&1; then
	quick() { # STATUS [ARGUMENT...]
		FAKE=$1
		shift
		"$tree/tools/quickstart" "$@"
	}
	for status in 0 1 3 77; do
		check "quickstart-$status" "$status" "^status $status: a sentence" \
			quick "$status"
	done
	# The log of an earlier run is in the way of none.
	check quickstart-again 3 \
		'^  message queues, 2 cases: .*; remedy: ulimit -q 819200$' quick 3
	"$tree/fake" >"$tree/mq.log" || :
	"$tree/fake" >"$tree/gen.log" || :
	CHECK=0
	check quickstart-check 0 '^1 passed, 0 failed, 2 skipped$' quick 3 check
	CHECK=1
	check quickstart-check-red 2 \
		'^  mq, 4 cases: mq_open: EMFILE; .*; remedy: ulimit -q 819200$' \
		quick 3 check
else
	n=$((n + 1))
	echo "ok $n - quickstart # SKIP it would install build tools"
fi

# tools/trust: what is unchecked is an outcome.
cat >"$dir/unsteady" <<'END'
#!/bin/sh
# The second run can check less than the first, or for another reason.
for word; do :; done
case $1$word in
*=1) what=UNRESOLVED n=1 ;;
other--shuffle=2) what=UNSUPPORTED n=1 ;;
more--shuffle=2) what=UNRESOLVED n=2 ;;
*) what=UNRESOLVED n=1 ;;
esac
echo "ok 1 - a.b # SKIP $what: why"
echo "# not checked: mq, $n cases: why"
exit "$2"
END
chmod +x "$dir/unsteady"
trust() { # KIND STATUS
	"$tools/trust" -n 2 "$dir/unsteady" "$@"
}
check trust-same 0 '^2 runs, 0 busy loops, 1 cases: 0 different$' trust same 0
check trust-unchecked 3 '^not checked: mq, 1 cases: why$' trust same 3
check trust-other-outcome 1 'a.b ok # SKIP UNSUPPORTED$' trust other 3
check trust-more-unchecked 1 'not checked: mq, 2 cases: why$' trust more 3
check trust-red 1 '2 different' trust same 1

# tools/runners: the run as a whole.
atf() { # CASE
	PIPC_CONFORM=$tree/fake "$tools/runners/pipc-atf" -r "$dir/atf" "$1" &&
		cat "$dir/atf"
}
check atf-unchecked 0 '^skipped: UNRESOLVED: mq: mq_open: EMFILE' atf mq.open.twice
check atf-passed 0 '^passed$' atf sem.open.twice
mkdir "$dir/bin" "$dir/lava"
printf '#!/bin/sh\necho "$1 $3"\n' >"$dir/bin/lava-test-case"
cp "$tree/fake" "$dir/bin/pipc-conform"
chmod +x "$dir/bin/lava-test-case"
# The steps are the lines behind "run:", without YAML's marks.
sed -e '1,/^  steps:/d' -e '/^    #/d' -e 's/^    - |$//' -e 's/^    - //' \
	"$tools/runners/lava.yaml" >"$dir/steps"
lava() { # STATUS
	cd "$dir/lava" && FAKE=$1 PIPC_OPTIONS=-j2 PATH=$dir/bin:$PATH sh "$dir/steps"
}
check lava-0 0 '^pipc-conform pass$' lava 0
check lava-1 0 '^pipc-conform fail$' lava 1
check lava-3 0 '^pipc-conform skip$' lava 3
check lava-77 0 '^pipc-conform skip$' lava 77
check lava-crash 0 '^pipc-conform fail$' lava 139
check lava-case 0 '^mq.open.twice skip$' lava 3
check lava-in-words 0 '^# not checked: mq, 2 cases: ' lava 3
conform() { # STATUS
	cd "$dir/lava" && FAKE=$1 PATH=$dir/bin:$PATH \
		"$tools/runners/autopkgtest/conform"
}
check autopkgtest-3 3 '^# status 3: ' conform 3
check autopkgtest-77 77 '^# status 77: ' conform 77
check autopkgtest-again 0 '^# status 0: ' conform 0
echo "1..$n"
