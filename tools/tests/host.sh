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
sed '$d' "$dir/a.jsonl" >"$dir/cut.jsonl"
echo '{' >"$dir/garbage.jsonl"
diff=$tools/pipc-diff
check same 0 '^No difference' "$diff" "$dir/a.jsonl" "$dir/a.jsonl"
check news 1 '^  meta.fails: FAIL -> FAIL: .*meta.c' "$diff" "$dir/a.jsonl" "$dir/b.jsonl"
check fixed 0 '^Fixed \(1\)' "$diff" "$dir/b.jsonl" "$dir/a.jsonl"
check values 1 'value: [0-9]+ -> [0-9]+' "$diff" "$dir/a.jsonl" "$dir/b.jsonl"
check missing 1 '^Missing \(2\)' "$diff" "$dir/a.jsonl" "$dir/less.jsonl"
"$conform" --run sem.open.twice --json "$dir/has.jsonl" >/dev/null
"$conform" --backend null --run sem.open.twice --json "$dir/null.jsonl" \
	>/dev/null || :
check lost 1 'sem.open.twice: .* -> UNSUPPORTED: ' \
	"$diff" "$dir/has.jsonl" "$dir/null.jsonl"
check found 0 '^Other outcomes' "$diff" "$dir/null.jsonl" "$dir/has.jsonl"
check added 0 '^New cases' "$diff" "$dir/less.jsonl" "$dir/a.jsonl"
check interrupted 1 'B: .*interrupted' "$diff" "$dir/a.jsonl" "$dir/cut.jsonl"
check garbage 2 'garbage.jsonl:1: not JSON' "$diff" "$dir/garbage.jsonl" "$dir/a.jsonl"
check no-file 2 "cannot read '/no/such'" "$diff" /no/such "$dir/a.jsonl"
matrix=$tools/pipc-matrix
check near-option 2 "markdwn; did you mean '--markdown'\?" \
	"$matrix" --markdwn "$dir/a.jsonl"
check no-argument 2 '^pipc-diff: the following.*see --help' "$diff"
check html 0 '^<!DOCTYPE html>' "$matrix" "$dir/a.jsonl" "$dir/b.jsonl"
check markdown 0 '\| `meta.fails` \| ✗ known \| ✗ \*\*news\*\* \|' \
	"$matrix" --markdown "$dir/a.jsonl" "$dir/b.jsonl"
check check-red 1 news "$matrix" --check --markdown "$dir/a.jsonl" "$dir/b.jsonl"
check check-green 0 case "$matrix" --check --markdown "$dir/a.jsonl"
check check-interrupted 1 interrupted \
	"$matrix" --check --markdown "$dir/a.jsonl" "$dir/cut.jsonl"
echo 'no kernel to be had' >"$dir/other.not-run"
check not-run 0 '\| other: not run: no kernel to be had \| 0 \|' \
	"$matrix" --check --markdown "$dir/a.jsonl" "$dir/other.not-run"
check backend 0 '^\| [^|]* backend null \|' "$matrix" --markdown "$dir/null.jsonl"
cp "$dir/a.jsonl" "$dir/twin.jsonl"
check twins 0 '^\| twin: ' "$matrix" --markdown "$dir/a.jsonl" "$dir/twin.jsonl"
check unwritable 2 "cannot write '/no/such/file'" \
	"$matrix" -o /no/such/file "$dir/a.jsonl"
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
