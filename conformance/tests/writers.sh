#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Independent readers understand what pipc-conform writes: Perl's TAP parser,
# and a JSON Schema validator (python3-jsonschema).
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
conform=$builddir/pipc-conform
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/out"
	fi
}
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
# The same counts, as the parser and as we see them.
tap_agrees() {
	perl -MTAP::Parser -e '
		open my $f, "<", $ARGV[0] or die; local $/; my $tap = <$f>;
		my $p = TAP::Parser->new({tap => $tap});
		$p->run;
		die join("; ", $p->parse_errors) if $p->parse_errors;
		printf "%d %d %d %d\n", scalar $p->failed, scalar $p->skipped,
		    scalar $p->todo, $p->tests_run;' "$1" >"$dir/perl"
	grep -c '^not ok [0-9]* - [^#]*$' "$1" >"$dir/count" || :
	grep -c '# SKIP' "$1" >>"$dir/count" || :
	grep -c '# TODO' "$1" >>"$dir/count" || :
	grep -Ec '^(not )?ok' "$1" >>"$dir/count" || :
	paste -s -d ' ' "$dir/count" | diff - "$dir/perl"
}
schema_holds() {
	python3 - "$srcdir/conformance/pipc.schema.json" "$@" <<'END'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
check = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    records = [json.loads(line) for line in open(name)]
    for record in records:
        check.validate(record)
    if records[0]["record"] == "header":
        assert records[-1]["record"] == "summary", "the last is the summary"
        cases = [r for r in records if r["record"] == "case"]
        total = sum(records[-1]["outcomes"].values())
        assert total == len(cases) > 0, (total, len(cases))
END
}
# Without queues; where prlimit is missing this is a run like the others.
set --
if prlimit --msgqueue=0 true 2>/dev/null; then
	set -- prlimit --msgqueue=0
fi
# What is hard to write: failures, quotes in messages, skips, notes.
"$conform" -j4 --run 'meta.*' --skip meta.hangs --expect meta.fails=FAIL \
	--expect meta.exec=FAIL --json "$dir/meta.jsonl" >"$dir/meta.tap" || :
"$conform" -j2 --json "$dir/all.jsonl" >"$dir/all.tap" || :
"$conform" -j2 --backend null --json "$dir/null.jsonl" >"$dir/null.tap" || :
"$@" "$conform" -j2 --json "$dir/denied.jsonl" >"$dir/denied.tap" || :
"$conform" --list=json >"$dir/list.jsonl"
"$conform" --list=json --req SEM-007 --req MQ-129 >"$dir/req.jsonl"
head -n 500 "$dir/all.jsonl" >"$dir/resumed.jsonl"
printf '{"record":"case","id":"mq.' >>"$dir/resumed.jsonl"
"$conform" -j2 --resume "$dir/resumed.jsonl" --json "$dir/resumed.jsonl" \
	>"$dir/resumed.tap" || :
"$conform" -j2 --run 'sem.open.*' --json - >"$dir/both.tap"
grep '^{"record"' "$dir/both.tap" >"$dir/both.jsonl"
"$conform" -j4 --format ktap --run 'meta.*' --skip meta.hangs >"$dir/k.tap" || :
if perl -MTAP::Parser -e 1 2>/dev/null; then
	for name in meta all null denied both resumed; do
		result "tap-$name" tap_agrees "$dir/$name.tap"
	done
else
	skip tap "no TAP::Parser"
fi
# What quickstart shows of it.
summary_says() { # PATTERN
	"$AWK" -f "$srcdir/tools/summary.awk" "$dir/meta.tap" >"$dir/summary"
	grep -Eq "$1" "$dir/summary" || { cat "$dir/summary" && false; }
}
cases=$(grep -Ec '^(not )?ok' "$dir/meta.tap")
deviations=$(grep -c '^not ok' "$dir/meta.tap")
skips=$(grep -c '# SKIP' "$dir/meta.tap")
absent=$(grep -c '# SKIP UNSUPPORTED' "$dir/meta.tap" || :)
result summary-counts summary_says \
	"^meta +$((cases - deviations - skips)) +$deviations +$((skips - absent)) +$absent\$"
result summary-news summary_says \
	'^  meta.leaks: "leaves a semaphore" does not hold: left behind: /'
result summary-known summary_says '^  meta.fails: as the command line says'
result summary-skip summary_says '^  meta.checks-nothing: checked nothing'
result ktap-version test "$(head -n 1 "$dir/k.tap")" = 'KTAP version 1'
result ktap-lines sh -c "! grep -E '^(not )?ok [0-9]+ - ' '$dir/k.tap'"
if python3 -c 'import jsonschema' 2>/dev/null; then
	sed '501d' "$dir/resumed.jsonl" >"$dir/resumed-whole.jsonl" # what was cut
	for name in meta all null denied list req both resumed-whole; do
		result "schema-$name" schema_holds "$dir/$name.jsonl"
	done
	sed 's/"outcome":"PASS"/"outcome":"GOOD"/' "$dir/all.jsonl" >"$dir/bad.jsonl"
	refuses() { ! schema_holds "$dir/bad.jsonl"; }
	result schema-refuses refuses
else
	skip schema "no jsonschema for python3"
fi
echo "1..$n"
