#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What pipc-stress writes can be read, also when it is interrupted, which leaves
# nothing behind; and bad input is told.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
stress=$builddir/pipc-stress
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/log" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/log"
	fi
}
# Status and output of a command that must match.
gives() { # STATUS PATTERN COMMAND...
	status=$1 pattern=$2
	shift 2
	"$@" >"$dir/out" 2>&1 && rc=0 || rc=$?
	cat "$dir/out"
	echo "status $rc"
	[ "$rc" -eq "$status" ] && grep -Eq "$pattern" "$dir/out"
}
result bad-option gives 2 "unknown option '--lst'; did you mean '--list'" \
	"$stress" --lst
result bad-cell gives 2 "no cell matches 'mq/stram'; did you mean 'mq/stream'" \
	"$stress" --run mq/stram
result bad-variant gives 2 "matches 'mq/pair/17'; did you mean 'mq/pair/1[0-9]*'" \
	"$stress" --run mq/pair/17
result bad-second gives 2 "no cell matches 'sem/alon'; did you mean 'sem/alone'" \
	"$stress" --run mq/pair/16 --run sem/alon
# Controls are added to what runs, and are no match.
result bad-quick gives 2 "no cell matches 'mq/stram'" \
	"$stress" --run mq/stram --profile quick
result twice gives 0 '^# 3 passed, 0 broken' \
	"$stress" --run mq/pair/16 --run 'mq/pair/*' --run mq/pair/16
result several gives 0 '^# 2 passed, 0 broken' \
	"$stress" --run mq/pair/16 --run sem/alone
result bad-profile gives 2 "no such profile 'quik'; did you mean 'quick'" \
	"$stress" --profile quik
result bad-backend gives 2 "no such backend 'sistem'; did you mean 'system'" \
	"$stress" --backend sistem
result two-backends gives 2 "backend twice 'system'" \
	"$stress" --backend system,null,system
result no-word gives 2 "no such backend ''" "$stress" --backend system,
result mutant-of-two gives 2 "alone can be judged, not 'system,null'" \
	"$builddir/stress-mutants" --backend system,null --mutant wrong_value
result bad-placement gives 2 "no such placement 'tow'" "$stress" --placement tow
result bad-format gives 2 "no such format 'xml'" "$stress" --format xml
result bad-seed gives 2 "'-1'" "$stress" --seed -1
result bad-range gives 2 "'99999': not a number from 1 to 20000" \
	"$stress" --kills 99999
result bad-seconds gives 2 "'soon'" "$stress" --seconds soon
result no-value gives 2 "no value for option '--run'" "$stress" --run
result no-mutants gives 2 "no such mutant 'lost_message'" \
	"$stress" --mutant lost_message
result bad-file gives 2 "cannot write '/no/such/file'" \
	"$stress" --json /no/such/file
result help gives 0 '^  --placement NAME' "$stress" --help
result list gives 0 '^mq/stream/10	one sender' "$stress" --list
result null-status gives 77 '^# status 77: nothing could be run$' \
	"$stress" --backend null --run 'mq/pair/*'
result null-absent gives 77 '^# not on this system: mq, 2 cells: mq_open: ENOSYS' \
	"$stress" --backend null --run mq/pair/16 --run mq/pair/1024
# Two backends, one of which has nothing, and is not known to have it.
result two-status gives 0 '^# 1 passed, 0 broken, 1 absent, 0 unchecked' \
	"$stress" --backend system,null --run mq/pair/16
result null gives 77 'ok 1 - mq/pair/16 # SKIP UNSUPPORTED: mq_open' \
	"$stress" --backend null --format tap

# One cell of each kind is enough here.
"$stress" --run '*/pair/16' --placement two --profile quick --seconds 1 \
	--json "$dir/pairs.jsonl" --format tap >"$dir/pairs.tap" || :
"$stress" --backend null --json "$dir/null.jsonl" --format ktap \
	>"$dir/null.ktap" || :
"$stress" --run mq/pair/16 --placement two --format tap \
	--json "$dir/pairs1.jsonl" >"$dir/pairs1.tap" || :
# Two backends take turns; the second one is named in the ids.
"$stress" --run mq/pair/16 --profile bench --seconds 1 --backend system,null \
	--json "$dir/two.jsonl" --format tap >"$dir/two.tap" || :
result two-ids grep -q '^ok .* mq/pair/16@one:null # SKIP UNSUPPORTED' \
	"$dir/two.tap"
result two-rounds gives 0 '"id":"mq/pair/16@one",.*"backend":"system",.*"median_ns"' \
	cat "$dir/two.jsonl"
result ktap test "$(head -n 1 "$dir/null.ktap")" = 'KTAP version 1'
result rows grep -Eq '^sem/alone .* [0-9]+ ' - <<END
$("$stress" --run sem/alone --format table)
END

# A queue deeper than the system grants is not checked, unless it grants it.
deep() { # STATUS OPTION...
	status=$1
	shift
	gives "$status" "^# status $status: as expected, but 1 cell was not checked" \
		"$stress" --run mq/depth/any-65000 --run mq/pair/16 \
		--profile quick --seconds 1 --format tap --force --json "$dir/deep.jsonl" "$@"
}
if [ "$(cat /proc/sys/fs/mqueue/msg_max 2>/dev/null || echo 65536)" -lt 60000 ]; then
	result allowed deep 0 --allow-unchecked
	result unchecked deep 3
	result unchecked-why grep -q '^# not checked: mq/depth/any-65000, 1 cell: ' \
		"$dir/out"
	result unchecked-record grep -q '"unchecked":[[]{"cells":1,.*"status":3' \
		"$dir/deep.jsonl"
else
	cp "$dir/null.jsonl" "$dir/deep.jsonl"
fi

# Made-up rounds: the verdict follows from them.
cells() { # NOISY ID=ROUNDS...
	noisy=$1
	shift
	echo '{"record":"header","program":"pipc-stress"}'
	for cell; do
		echo "{\"record\":\"cell\",\"id\":\"${cell%%=*}\",\"outcome\":\"PASS\",\"rate\":{\"rounds\":[${cell#*=}]}}"
	done
	echo "{\"record\":\"summary\",\"noisy\":$noisy}"
}
cells false a=100,101,99 b=100,101,99 c=100,101,99 d=100,101,99 >"$dir/a"
cells false a=100,101,98 b=200,201,202 c=50,51,50 d=90,200,20 >"$dir/b"
cells true a=100,101,99 b=100,101,99 c=50,51,50 d=1 >"$dir/noisy"
compare() { gives "$1" "$2" "$stress" --compare "$3" "$4"; }
result compare-same compare 1 '^a .* same$' "$dir/a" "$dir/b"
result compare-better compare 1 '^b +2\.0.* better$' "$dir/a" "$dir/b"
result compare-worse compare 1 '^c +0\.50.* worse$' "$dir/a" "$dir/b"
result compare-wide compare 1 '^d .* noisy$' "$dir/a" "$dir/b"
result compare-self compare 0 ' 0 worse$' "$dir/a" "$dir/a"
result compare-noisy compare 0 '^c .* noisy$' "$dir/a" "$dir/noisy"
sed '/"c"/s/PASS/FAIL/' "$dir/a" >"$dir/fail"
result compare-broken compare 1 '^c +PASS -> FAIL +worse$' "$dir/a" "$dir/fail"
# Both controls have a median near 1; one of them varies between 0.31 and 2.7.
cells false a=100,101,99 c=100,101,99 control/pair/a=301,1000,993,2600,800 \
	control/pair/b=970,1100,1000,963,700 >"$dir/varies"
cells false a=100,101,99 c=50,51,50 control/pair/a=1000,1010,990 \
	control/pair/b=1001,1008,992 >"$dir/quiet"
result compare-control compare 0 '^# 4 compared, 0 worse; .* noisy$' \
	"$dir/varies" "$dir/varies"
result compare-quiet compare 1 '^c .* worse$' "$dir/a" "$dir/quiet"
result compare-other compare 2 'not written by' "$dir/a" /dev/null
result compare-missing compare 2 "'/no/file'" "$dir/a" /no/file
result compare-real compare 0 '^mq/pair/16@two .* noisy$' \
	"$dir/pairs.jsonl" "$dir/pairs1.jsonl"

# The page: all records in it, and no text of theirs can end the script.
page() {
	sed 's/"text":"/&<\/script>/' "$dir/pairs.jsonl" >"$dir/hostile.jsonl"
	python3 "$srcdir/tools/pipc-report" stress "$dir/hostile.jsonl" \
		>"$dir/page.html"
	[ "$(grep -c '</script>' "$dir/page.html")" -eq 2 ] &&
		grep -q '"id": "mq/pair/16@two"' "$dir/page.html"
}
if python3 -c '' 2>/dev/null; then
	result page page
	result page-other gives 2 'no record of pipc' \
		python3 "$srcdir/tools/pipc-report" stress "$dir/pairs.tap"
	result bench gives 0 '^.* mq/pair/16@one . [0-9.]+ .*s . - . - . - .$' \
		python3 "$srcdir/tools/pipc-report" bench "$dir/two.jsonl"
	result bench-out gives 0 '^- mq/pair/16@one on null: UNSUPPORTED: mq_open' \
		python3 "$srcdir/tools/pipc-report" bench "$dir/two.jsonl"
	result bench-ratios python3 "$srcdir/stress/tests/bench.py" "$srcdir"
	result page-word gives 2 "did you mean 'stress'" \
		python3 "$srcdir/tools/pipc-report" strss
else
	n=$((n + 1))
	echo "ok $n - page # SKIP no python3"
fi

# The command of a broken run breaks the same again.
replays() { # OPTION...
	"$builddir/stress-mutants" "$@" >"$dir/out" 2>&1 && return 1
	again=$(sed -n 's/^# again: //p; s/^# \(stress-mutants .*\)/\1/p' "$dir/out")
	echo "$again"
	for _ in $(seq 20); do
		# shellcheck disable=SC2086 # these are several words
		"$builddir"/$again >"$dir/out2" 2>&1 || return 0
	done
	return 1
}
result replay replays --mutant wrong_order --run 'mq/depth/*' --format tap
result replay-seed grep -q -- "--seed 77 " - <<END
$("$builddir/stress-mutants" --mutant wrong_value --run sem/alone --seed 77)
END
result replay-history replays --mutant wrong_order --history=500

# So many lines in the pipe say that it has come that far; then it must end.
interrupt() { # SIGNAL STATUS LINES PROFILE
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	"$stress" --profile "$4" --run '*/*' --json "$dir/fifo" \
		--format tap >"$dir/$1.tap" 2>&1 &
	pid=$!
	{
		for _ in $(seq "$3"); do
			IFS= read -r line && printf '%s\n' "$line"
		done
		kill -s "$1" "$pid"
		cat
	} <"$dir/fifo" >"$dir/$1.jsonl"
	wait "$pid" && rc=0 || rc=$?
	echo "status $rc"
	prefix=$(sed -n 's/.*"prefix":"\/\([a-z]*\)".*/\1/p' "$dir/$1.jsonl")
	tail -n 1 "$dir/$1.jsonl"
	[ "$rc" -eq "$2" ] && [ -n "$prefix" ] &&
		[ "$(wc -l <"$dir/$1.jsonl")" -gt "$3" ] &&
		tail -n 1 "$dir/$1.jsonl" | grep -q '"interrupted":true' &&
		grep -q '^Bail out!' "$dir/$1.tap" && ! left "$prefix"
}
left() { # PREFIX: objects, where they can be seen
	find /dev/shm /dev/mqueue -name "*$1*" 2>/dev/null | grep .
}
result interrupted interrupt INT 130 3 smoke
result terminated interrupt TERM 143 1 quick

# Whatever state of signals and files it was started in, it works.
starts() { # COMMANDS-BEFORE
	gives 0 '^# 4 passed, 0 broken, 0 absent, 0 unchecked' \
		sh -c "$1; exec \"\$0\" \"\$@\"" "$stress" --run mq/stream/10 \
		--run sem/pingpong --run shm/copy/64k --run eintr/mq --deadline 3
}
# Not every shell can ignore SIGCHLD.
if env --ignore-signal=CHLD true 2>/dev/null; then
	result start-sigchld gives 0 '^# reset at start: SIGCHLD was ignored' \
		env --ignore-signal=CHLD "$stress" --run mq/stream/10 --deadline 3
elif perl -e 1 2>/dev/null; then
	result start-sigchld gives 0 '^# reset at start: SIGCHLD was ignored' \
		perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' \
		"$stress" --run mq/stream/10 --deadline 3
fi
result start-ignored starts 'trap "" HUP INT QUIT PIPE ALRM USR1 USR2 TERM'
result start-umask starts 'umask 0777'
result start-umask-222 starts 'umask 0222'
result start-descriptors starts 'exec 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3'
result start-closed starts 'exec 0<&-'
if env --block-signal true 2>/dev/null; then
	result start-blocked gives 0 '^# 1 passed' \
		env --block-signal "$stress" --run mq/notify --deadline 3
fi
# Under nohup a hang-up is nothing; else it ends the run.
hang_up() { # STATUS COMMANDS-BEFORE
	: >"$dir/hup" # what an earlier run wrote is no sign of this one
	sh -c "$2; exec \"\$0\" \"\$@\"" "$stress" --run sem/pingpong \
		--profile quick --seconds 3 --format tap >"$dir/hup" 2>&1 &
	pid=$!
	while ! grep -q '^# pipc-stress' "$dir/hup"; do sleep .1; done
	kill -s HUP "$pid"
	wait "$pid" && rc=0 || rc=$?
	cat "$dir/hup"
	[ "$rc" -eq "$1" ]
}
result nohup hang_up 0 'trap "" HUP'
result hang-up hang_up 129 :
result interrupted-status grep -q '^# status 129: interrupted by signal 1$' \
	"$dir/hup"

# Slow is not hung: with a deadline of a second it is stopped for three, and
# shares the processors with eight loops.
stopped() {
	"$stress" --run mq/stream/10 --profile quick --seconds 4 --deadline 1 \
		--format tap >"$dir/stopped" 2>&1 &
	pid=$!
	while ! grep -q '^# pipc-stress' "$dir/stopped"; do sleep .1; done
	sleep 1
	# The run that is going on is the only child, in a group of its own.
	child=$(ps -o pid= --ppid "$pid" | tr -d ' ') || child=
	[ -z "$child" ] || kill -s STOP "-$child" || child=
	[ -z "$1" ] || kill -s STOP "$pid"
	sleep 3
	kill -s CONT "$pid"
	[ -z "$child" ] || kill -s CONT "-$child" || :
	wait "$pid" && rc=0 || rc=$?
	cat "$dir/stopped"
	[ "$rc" -eq 0 ]
}
if ps -o pid= --ppid $$ >/dev/null 2>&1; then
	result stopped-run stopped ''
	result stopped-all stopped all
fi
busy() {
	loops=
	for _ in 1 2 3 4 5 6 7 8; do
		while :; do :; done &
		loops="$loops $!"
	done
	"$stress" --run 'mq/crowd/4cx4c' --run 'sem/*/4c' --run mq/notify-turns \
		--run 'mq/pingpong/16' --run 'kill/*' --deadline 1 --format tap \
		>"$dir/busy" 2>&1 && rc=0 || rc=$?
	# shellcheck disable=SC2086 # these are several words
	kill $loops
	cat "$dir/busy"
	[ "$rc" -eq 0 ]
}
result busy busy

# Open loop counts from when a message should have been sent: of those behind a
# send that takes 20 ms at 1000 a second many are late, not one.
open_loop() {
	"$builddir/stress-mutants" --mutant stalling_send --profile quick \
		--run mq/stream/10-open-1k --json "$dir/open.jsonl" \
		--format tap || return 1
	python3 - "$dir/open.jsonl" <<'END'
import json, sys
for record in map(json.loads, open(sys.argv[1])):
    if record["record"] == "cell" and record["workload"] == "mq/stream":
        late, count = record["stalls_over_1ms"], record["latency"]["count"]
        print(late, "of", count, "late")
        assert late > 5 * count / 50
END
}
if python3 -c '' 2>/dev/null; then
	result open-loop open_loop
fi

schema_holds() {
	python3 - "$srcdir/stress/stress.schema.json" "$@" <<'END'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    records = [json.loads(line) for line in open(name)]
    for record in records:
        check.validate(record)
    assert records[0]["record"] == "header"
    assert records[-1]["record"] == "summary"
    cells = [r for r in records if r["record"] == "cell"]
    assert sum(records[-1]["outcomes"].values()) == len(cells)
    assert cells or records[-1]["interrupted"]
    for cell in cells:
        if cell["outcome"] == "PASS":
            latency = cell["latency"]
            total = sum(n for _, n in latency["histogram"])
            assert total == latency["count"], cell["id"]
            assert latency["p50"] <= latency["p99.99"] <= latency["max"]
            rate = cell["rate"]
            assert rate["low"] <= rate["median"] <= rate["high"], cell["id"]
END
}
refuses() { # a record that is spoilt
	sed "$1" "$dir/pairs.jsonl" >"$dir/bad.jsonl"
	! cmp -s "$dir/pairs.jsonl" "$dir/bad.jsonl" &&
		! schema_holds "$dir/bad.jsonl"
}
if python3 -c 'import jsonschema' 2>/dev/null; then
	for name in pairs two null deep INT TERM; do
		result "schema-$name" schema_holds "$dir/$name.jsonl"
	done
	result schema-outcome refuses 's/"outcome":"PASS"/"outcome":"GOOD"/'
	result schema-member refuses 's/"warm":/"warmed":/'
else
	n=$((n + 1))
	echo "ok $n - schema # SKIP no jsonschema for python3"
fi
if perl -MTAP::Parser -e 1 2>/dev/null; then
	parses() {
		perl -MTAP::Parser -e 'local $/; my $p = TAP::Parser->new(
			{tap => scalar <>}); $p->run;
			die join "; ", $p->parse_errors if $p->parse_errors;
			die "nothing" unless $p->passed;' "$1"
	}
	result tap parses "$dir/pairs.tap"
else
	n=$((n + 1))
	echo "ok $n - tap # SKIP no TAP::Parser"
fi
echo "1..$n"
