#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A run that was cut off is resumed from its log: every case has one result, and
# the one that was running is a crash.  Also the options that choose where a run
# begins, and notes that are read at run time.
set -eu
: "${builddir:=.}" "${srcdir:=.}" "${AWK:=awk}"
conform=$builddir/pipc-conform
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
check() { # NAME WANTED-PATTERN COMMAND...
	name=$1 wanted=$2
	shift 2
	n=$((n + 1))
	out=$("$@" 2>&1) && rc=0 || rc=$?
	if printf '%s\nstatus %s\n' "$out" "$rc" | grep -Eq -- "$wanted"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\nstatus %s\n' "$out" "$rc" | sed 's/^/# /' | tail -n 40
	fi
}
ids() { # RECORD LOG: the ids of the records, a line each
	sed -n "s/^{\"record\":\"$1\",\"id\":\"\([^\"]*\)\".*/\1/p" "$2"
}
all='--run sem.open.* --run sem.wait.* --run gen.*'
# shellcheck disable=SC2086 # options
"$conform" $all --json "$dir/whole" >"$dir/whole.tap" || :
verdicts() { sed -n 's/^# .*; \([0-9]* ok, .* unchecked\);.*/\1/p' "$1"; }
ids case "$dir/whole" | sort >"$dir/expected"
total=$(wc -l <"$dir/expected")

# The log of a run that was killed in its k-th case: header, records, a cut line.
cut_after() { # K: leaves K results, and the begin of the next
	"$AWK" -v k="$1" '{ print } /"record":"case"/ { done++ }
		/"record":"begin"/ && done == k { exit }' "$dir/whole"
}
for k in 0 1 7 "$((total - 1))"; do
	cut_after "$k" >"$dir/log"
	culprit=$(ids begin "$dir/log" | tail -n 1)
	printf '{"record":"case","id":"gen.st' >>"$dir/log"
	status=0
	# shellcheck disable=SC2086
	"$conform" $all --resume "$dir/log" --json "$dir/log" >"$dir/tap" 2>&1 ||
		status=$?
	check "resume-$k" \
		"^# resumed: $k results? of .*, 1 case cut short \($culprit\)$" \
		cat "$dir/tap"
	check "resume-$k-culprit" "^not ok 1 - $culprit CRASH$" cat "$dir/tap"
	check "resume-$k-status" '^status 1$' sh -c "exit $status"
	check "resume-$k-says" '^# the machine stopped while this case ran' \
		cat "$dir/tap"
	check "resume-$k-cut" "log:$((2 * k + 3)): this record was cut" \
		cat "$dir/tap"
	check "resume-$k-no-empty-line" '^status 1$' grep -n '^$' "$dir/log"
	check "resume-$k-counts" "^$total\$" sh -c \
		"echo \$(($(verdicts "$dir/tap" | sed 's/ [a-z]*,*/+/g')0))"
	ids case "$dir/log" | sort >"$dir/got"
	check "resume-$k-each-once" '^status 0$' cmp "$dir/expected" "$dir/got"
done
# A log that is whole leaves nothing to do, and says what it came to.
# shellcheck disable=SC2086
check resume-whole "^1\.\.0$" "$conform" $all --resume "$dir/whole"
# The results of cases that this run leaves out count, too.
check resume-counts-all "; $(verdicts "$dir/whole.tap");" \
	"$conform" --run gen.constants.flags --resume "$dir/whole"
# A log whose last line is cut, and behind it a log that is not resumed, or is.
cut_after 3 >"$dir/first"
printf '{"record":"case","id":"gen.st' >>"$dir/first"
# shellcheck disable=SC2086
"$conform" $all --resume "$dir/first" --json "$dir/second" >"$dir/tap" || :
cat "$dir/first" "$dir/second" >"$dir/both"
# shellcheck disable=SC2086
check first-second "^# resumed: $total results of " \
	"$conform" $all --resume "$dir/both"
# shellcheck disable=SC2086
check first-second-cut "both:9: this record was cut" \
	"$conform" $all --resume "$dir/both"
cut_after 3 | cat - "$dir/whole" >"$dir/both"
check two-runs "both:9: a second run begins here, which is not resumed" \
	"$conform" --resume "$dir/both"
sed '5s/.....$//' "$dir/whole" >"$dir/damaged"
check damaged "damaged:5: this record is damaged, and is not the last one" \
	"$conform" --resume "$dir/damaged"
check damaged-status '^status 2$' "$conform" --resume "$dir/damaged"
# What the suite itself was told to end did not stop the machine.
if ! "$conform" --run meta.interrupts | grep -q '# SKIP UNSUPPORTED'; then
	PIPC_META_NAME=/r$$ PIPC_META_SIGNAL=15 "$conform" -j2 \
		--run meta.interrupts --run meta.hangs --run meta.passes \
		--json "$dir/interrupted" >/dev/null 2>&1 || :
	check interrupted '^not ok 1 - meta.hangs TIMEOUT' "$conform" \
		--run meta.passes --run meta.hangs --resume "$dir/interrupted"
fi
# Killed for real, while two cases run.
# shellcheck disable=SC2086
"$conform" -j2 $all --run 'meta.hangs' --json "$dir/killed" >/dev/null 2>&1 &
pid=$!
while ! grep -q '"begin","id":"meta.hangs"' "$dir/killed" 2>/dev/null &&
	kill -0 "$pid" 2>/dev/null; do
	sleep 0.05
done
kill -KILL "$pid"
wait "$pid" 2>/dev/null || :
# shellcheck disable=SC2086
check killed "not ok .* - meta.hangs CRASH" \
	"$conform" $all --run meta.hangs --resume "$dir/killed" \
	--json "$dir/killed"
# What was running does not outlive a runner that is killed.
left() { # a process whose command names this log, if they can be seen
	pgrep -f -- "$dir/killed" 2>/dev/null || :
}
tries=0
while [ -n "$(left)" ] && [ "$tries" -lt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
check killed-leaves-nothing '^none$' sh -c "echo \${1:-none}" sh "$(left)"
# In the log of a console there are other lines.
{
	echo "[    1.0] Linux version 6.1"
	sed 's/^/ok 3 - something /;s/^ok 3 - something {/{/' "$dir/whole" |
		sed 'n;G' | head -n 21
	printf 'Kernel panic\n'
} >"$dir/console"
# shellcheck disable=SC2086
check console '^# resumed: [1-9][0-9]* results' "$conform" $all \
	--resume "$dir/console"
# check_resume cuts a log at every byte.
check not-a-log "no header of a run in '/dev/null'" "$conform" --resume /dev/null
check no-log "cannot read '/no/such/log'" "$conform" --resume /no/such/log
sed 's/"backend":"system"/"backend":"other"/' "$dir/whole" >"$dir/other"
check other-backend "other:1: a log of another backend: 'other'" \
	"$conform" --resume "$dir/other"
sed 's/"id":"sem.open.[a-z-]*"/"id":"sem.opne.x"/' "$dir/whole" >"$dir/other"
check other-case "no such case: 'sem.opne.x'" "$conform" --resume "$dir/other"
check not-overwritten "'.*whole' exists and is not empty; --resume" \
	"$conform" --run gen.constants.flags --json "$dir/whole"
check not-overwritten-status '^status 2$' \
	"$conform" --run gen.constants.flags --json "$dir/whole"
check forced '^status 0$' "$conform" --run gen.constants.flags \
	--json "$dir/whole" --force

check from "^ok 1 - $(tail -n 1 "$dir/expected")\$" "$conform" --run 'sem.wait.*' \
	--run 'sem.open.*' --from "$(tail -n 1 "$dir/expected")"
check from-unknown "no case matches 'sem.open.absnt'; did you mean" \
	"$conform" --from sem.open.absnt
printf 'meta.fails # known\n\nmeta.crash*\n' >"$dir/skip"
check skip-file '^1\.\.1$' "$conform" --run meta.passes --run meta.fails \
	--run meta.crashes --skip-file "$dir/skip"
printf 'meta.fails\nmeta.fials\n' >"$dir/skip"
check skip-file-bad "in '.*skip', line 2" "$conform" --run meta.passes \
	--skip-file "$dir/skip"

# Known deviations without a compiler.
cat >"$dir/q" <<END
quirk: mine.fails
match: os=* version>=0
cases: meta.f?ils
expect: fail
source: this test
note: it fails
 always.
END
check quirks-file '^not ok 1 - meta.fails # TODO FAIL mine.fails' \
	"$conform" --quirks "$dir/q" --run meta.fails
check quirks-file-status '^status 0$' \
	"$conform" --quirks "$dir/q" --run meta.fails
check quirks-file-note '^# quirk mine.fails: it fails always. \(this test\)' \
	"$conform" --quirks "$dir/q" --run meta.fails
sed 's/stanza/quirk/;s/^match:.*/match: os!=*/' "$dir/q" >"$dir/elsewhere"
check quirks-file-elsewhere '^not ok 1 - meta.fails FAIL' \
	"$conform" --quirks "$dir/elsewhere" --run meta.fails
check require '^not ok .* - capability.mq UNSUPPORTED' \
	"$conform" --backend null --require mq --run 'mq.open.*'
check require-status '^status 1$' \
	"$conform" --backend null --require mq --run 'mq.open.*'
check require-unknown "no such capability 'mp'; did you mean 'mq'" \
	"$conform" --require sem,mp
check require-or-allow 'give one of them' \
	"$conform" --require sem --allow-unchecked
check unchecked '^status 3$' "$conform" --run meta.checks-nothing --run meta.passes
check allow-unchecked '^status 0$' "$conform" --allow-unchecked \
	--run meta.checks-nothing --run meta.passes
check list-requirement '^SEM-007	R	O_CREAT' "$conform" --list --req SEM-007
echo "1..$n"
