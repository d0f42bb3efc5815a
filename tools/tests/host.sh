#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The host tools read what pipc-conform writes: pipc-diff and pipc-matrix.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/tools/tests/check"
tools=$srcdir/tools
conform=$builddir/pipc-conform
"$conform" --run meta.passes --run meta.fails --run meta.random-value --seed 1 \
	--expect meta.fails=fail --json "$dir/a.jsonl" >/dev/null
"$conform" --run meta.passes --run meta.fails --run meta.random-value --seed 2 \
	--json "$dir/b.jsonl" >/dev/null || :
"$conform" --run meta.passes --json "$dir/less.jsonl" >/dev/null
sed '$d' "$dir/a.jsonl" >"$dir/no-end.jsonl"
echo '{' >"$dir/garbage.jsonl"
diff=$tools/pipc-diff
check same 0 '^No difference' "$diff" "$dir/a.jsonl" "$dir/a.jsonl"
check new-failures 1 '^  meta.fails: FAIL -> FAIL: .*meta.c' "$diff" "$dir/a.jsonl" "$dir/b.jsonl"
check fixed 0 '^Fixed \(1\)' "$diff" "$dir/b.jsonl" "$dir/a.jsonl"
check values 1 'value: [0-9]+ -> [0-9]+' "$diff" "$dir/a.jsonl" "$dir/b.jsonl"
check missing 1 '^Missing \(2\)' "$diff" "$dir/a.jsonl" "$dir/less.jsonl"
"$conform" --run sem.open.twice --json "$dir/has.jsonl" >/dev/null
"$conform" --backend null --run sem.open.twice --json "$dir/null.jsonl" \
	>/dev/null || :
check lost 1 'sem.open.twice: .* -> UNSUPPORTED .absent.: ' \
	"$diff" "$dir/has.jsonl" "$dir/null.jsonl"
check found 0 '^Other outcomes' "$diff" "$dir/null.jsonl" "$dir/has.jsonl"
check added 0 '^New cases' "$diff" "$dir/less.jsonl" "$dir/a.jsonl"
check no-end 1 'B: .*not finished: it was cut off' \
	"$diff" "$dir/a.jsonl" "$dir/no-end.jsonl"
check garbage 2 "garbage.jsonl' has no record" \
	"$diff" "$dir/garbage.jsonl" "$dir/a.jsonl"
check no-file 2 "cannot read '/no/such'" "$diff" /no/such "$dir/a.jsonl"

# Logs that are hard to have on demand, of both schemas, compared with one that
# is whole.
mkdir "$dir/h"
python3 "$tools/tests/handmade.py" "$dir/h"
against() { # NAME STATUS PATTERN
	check "$1" "$2" "$3" "$diff" "$dir/h/whole.jsonl" "$dir/h/$1.jsonl"
}
against whole1 0 '^No difference'
against denied 1 '^  mq: present -> denied: mq_open: EMFILE; RLIMIT_MSGQUEUE'
against denied 1 '^  mq.send.blocks: PASS -> UNRESOLVED .unchecked.: mq: mq_open'
against denied 1 '^B: .*, checked 3 of 6 cases$'
against denied 1 '^Lost .3.:'
against one-unchecked 1 '^Lost .1.:'
against one-unchecked 1 '^  mq.send.blocks: PASS -> UNRESOLVED .unchecked.: no room'
against denied1 1 '^  mq: present -> denied: mq_open: EMFILE'
against denied1 1 '^  mq.send.blocks: PASS -> UNRESOLVED .unchecked.: '
against absent 1 '^  mq: present -> absent: mq_open: ENOSYS'
against absent1 1 '^  mq.send.blocks: PASS -> UNSUPPORTED .absent.: '
against broken 1 '^  mq: present -> broken: mq_receive: expected 5 bytes, got'
against broken 1 '^New failures \(2\)'
against broken-header 1 '^Lost capabilities \(1\)'
against lost 1 '^  capability.mq: PASS -> UNRESOLVED: mq: mq_open: EMFILE'
against nothing 1 '^B: .*learned nothing: no case has a result$'
against began 1 '^B: .*learned nothing: .*; sem.open.twice began$'
against unfinished 1 '^B: .*; not finished: it ends in mq.send.blocks$'
against interrupted 1 'not finished: it was interrupted in mq.send.blocks$'
against skipped 1 'not finished: mq.send.blocks has no result$'
against cut 1 '^pipc-diff: .*cut.jsonl:7: the last record was cut'
against cut 1 '^B: .*checked 2 of 2 cases; not finished: it ends in mq.send'
against cut-in-the-middle 2 'middle.jsonl:7: this record is damaged'
against resumed 1 '^pipc-diff: .*resumed.jsonl:7: this record was cut'
against resumed 1 '^B: .*checked 5 of 5 cases$'
against resumed 1 '^  mq.send.blocks: PASS -> CRASH: the machine stopped while'
against glued 1 '^B: .*checked 5 of 5 cases$'
against second 1 'not finished: the run that was resumed is not in this file$'
against resumed-elsewhere 2 'is of another system or backend$'
against resumed-denied 1 '^  mq: present -> denied: '
against two-runs 2 'has two runs; give each its own file$'
against console 0 'console.jsonl: 5 lines passed over that are not records'
against console 0 '^No difference'
against bytes 0 '^pipc-diff: .*1 line passed over .*; the first is line 1$'
against no-verdict 2 "a case record lacks, or has a wrong, 'outcome'"
against no-such-verdict 2 'no such outcome or verdict: PASS, fine'
against schema3 2 'a schema other than 1 and 2: 3'
check a-has-no-case 1 '^New cases \(6\)' \
	"$diff" "$dir/h/nothing.jsonl" "$dir/h/whole.jsonl"
check back 0 '^  mq: denied -> present' \
	"$diff" "$dir/h/denied.jsonl" "$dir/h/whole.jsonl"
check failure-not-looked-for 1 '^  mq.send.blocks: FAIL -> UNRESOLVED' \
	"$diff" "$dir/h/broken.jsonl" "$dir/h/denied.jsonl"
check noise-on-a-pipe 0 '^No difference' sh -c "'$diff' - '$dir/h/whole.jsonl' \
	<'$dir/h/console.jsonl'"
# What is named first.
check order 0 '^Lost capabilities .1.: New failures .2.:$' sh -c "'$diff' \
	'$dir/h/whole.jsonl' '$dir/h/broken.jsonl' | grep ':$' | paste -s -d ' ' -"
# A run that is killed, and one that goes on behind it.
"$conform" --run 'sem.open.*' --json "$dir/one.jsonl" >/dev/null
head -n 9 "$dir/one.jsonl" >"$dir/two.jsonl"
head -n 10 "$dir/one.jsonl" | tail -n 1 | head -c 60 >>"$dir/two.jsonl"
"$conform" --run 'sem.open.*' --json "$dir/two.jsonl" \
	--resume "$dir/two.jsonl" >/dev/null || :
check really-resumed 1 '^  sem.open.[a-z-]*: PASS -> CRASH: the machine stopped' \
	"$diff" "$dir/one.jsonl" "$dir/two.jsonl"
check only-that 1 '^1$' sh -c "'$diff' '$dir/one.jsonl' '$dir/two.jsonl' |
	grep -c '^  '; exit 1"

matrix=$tools/pipc-matrix
check near-option 2 "markdwn; did you mean '--markdown'\?" \
	"$matrix" --markdwn "$dir/a.jsonl"
check no-argument 2 '^pipc-diff: the following.*see --help' "$diff"
check html 0 '^<!DOCTYPE html>' "$matrix" "$dir/a.jsonl" "$dir/b.jsonl"
check markdown 0 '\| `meta.fails` \| ✗ known \| ✗ \*\*regression\*\* \|' \
	"$matrix" --markdown "$dir/a.jsonl" "$dir/b.jsonl"
check check-red 1 regression "$matrix" --check --markdown "$dir/a.jsonl" "$dir/b.jsonl"
check check-green 0 case "$matrix" --check --markdown "$dir/a.jsonl"
check check-no-end 1 'not finished' \
	"$matrix" --check --markdown "$dir/a.jsonl" "$dir/no-end.jsonl"
echo 'no kernel to be had' >"$dir/other.not-run"
check not-run 0 '\| other: not run: no kernel to be had \| not run \|' \
	"$matrix" --check --markdown "$dir/a.jsonl" "$dir/other.not-run"
check backend 0 '^\| [^|]* backend null \|' "$matrix" --markdown "$dir/null.jsonl"
cp "$dir/a.jsonl" "$dir/twin.jsonl"
check twins 0 '^\| twin: ' "$matrix" --markdown "$dir/a.jsonl" "$dir/twin.jsonl"
check unwritable 2 "cannot write '/no/such/file'" \
	"$matrix" -o /no/such/file "$dir/a.jsonl"
# What --check and the counts say of the logs made by hand.
checks() { # NAME STATUS PATTERN [OPTION...]
	what=$1 expected=$2 says=$3
	shift 3
	check "check-$what" "$expected" "$says" \
		"$matrix" --check --markdown "$@" "$dir/h/$what.jsonl"
}
checks whole 0 '\| 6 of 6 \| 6 \| 0 \| 0 \| 0 \| 0 \| 0 \| 6 \|$'
checks denied 1 '\| 3 of 6 \| 3 \| 0 \| 0 \| 0 \| 3 \| 0 \| 6 \|$'
checks denied 1 '^- column 1, not checked: mq, 2 cases: .*; remedy: ulimit -q'
checks denied 0 '^\| .mq.send.blocks. \| \? \|' --allow-unchecked
checks denied1 1 '\| 3 of 6 \| 3 \| 0 \| 0 \| 0 \| 3 \| 0 \| 6 \|$'
checks denied1 1 '^- column 1, not checked: mq, 3 cases: mq_open: EMFILE$'
checks one-unchecked 1 '^- column 1, not checked: mq.send.blocks, 1 case: no room$'
checks absent 0 '\| 3 of 6 \| 3 \| 0 \| 0 \| 0 \| 0 \| 3 \| 6 \|$'
checks absent1 0 '^\| .mq.send.blocks. \| – \|'
checks broken 1 '^- column 1, \*\*broken\*\*: mq: mq_receive: expected'
checks broken-header 1 '\| 3 of 3 \| 3 \| 0 \| 0 \| 0 \| 0 \| 0 \| 3 \|$' \
	--allow-unchecked
checks broken-known 0 '\| 4 of 4 \| 3 \| 1 \|'
checks lost 1 '\| 3 of 4 \| 3 \| 0 \| 0 \| 1 \|' --allow-unchecked
for what in nothing began; do
	checks $what 1 '\*\*learned nothing.*\| 0 of 0 \|' --allow-unchecked
done
for what in unfinished interrupted skipped cut second; do
	checks $what 1 '\*\*not finished: ' --allow-unchecked
done
checks resumed 1 '\| 5 of 5 \| 4 \| 0 \| 0 \| 1 \|'
# A system that has nothing does not come first.
check columns-in-order 0 '^whole: absent: other: $' sh -c "'$matrix' --markdown \
	'$dir/other.not-run' '$dir/h/absent.jsonl' '$dir/h/whole.jsonl' |
	sed -n 's/^| \([a-z]*: \).*/\1/p' | paste -s -d '\0' - | sed 's/  */ /g'"

# What a page must never do: end its data early.
"$matrix" "$dir/b.jsonl" >"$dir/page.html"
check data-whole 0 '^[1-9]' python3 -c '
import json, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
data = re.search(r"<script type=\"application/json\" id=\"data\">(.*?)</script>",
                 page, re.S).group(1)
print(len(json.loads(data)["rows"]))' "$dir/page.html"
# Each tool says what it is for.
for tool in "$tools"/*; do
	if [ ! -x "$tool" ] || [ -d "$tool" ]; then
		continue
	fi
	check "help-${tool##*/}" 0 '[a-z]' "$tool" --help
done
echo "1..$n"
