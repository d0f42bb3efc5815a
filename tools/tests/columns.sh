#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# tools/matrix: what it is asked for, and what makes a column red.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/tools/tests/check"
matrix=$srcdir/tools/matrix
check list 0 '^musl	musl' "$matrix" --list
check list-only 0 '^mq-eacces	' "$matrix" --list --only 'mq-e*'
check list-all 0 '^linux-5.10-amd64	' "$matrix" --list --all
check default 1 '^0$' sh -c "'$matrix' --list | grep -c linux-5.10"
check no-column 2 "no column matches 'nonesuch'" "$matrix" --only nonesuch
check bad-option 2 unrecognized "$matrix" --onyl musl
check boot-usage 2 '^usage:' "$srcdir/tools/boot" amd64
check boot-machine 2 "no machine for 'vax'" \
	"$srcdir/tools/boot" vax /dev/null /dev/null
check kernel-usage 2 '^usage:' "$srcdir/tools/debian-kernel" sid

# A column of this build, instead of a static one: green, and all that is red.
cat >"$dir/column.py" <<'END'
import dataclasses, importlib.machinery, importlib.util, pathlib, shutil, sys
sys.path.insert(0, str(pathlib.Path(sys.argv[1]).parent))
loader = importlib.machinery.SourceFileLoader("matrix", sys.argv[1])
spec = importlib.util.spec_from_loader("matrix", loader)
m = importlib.util.module_from_spec(spec)
sys.modules["matrix"] = m
loader.exec_module(m)
out, program, change = pathlib.Path(sys.argv[2]), sys.argv[3], eval(sys.argv[4])
column = {c.name: c for c in m.COLUMNS}[change.pop("name", "mq-no-bytes")]
column = dataclasses.replace(
    column, **{"arguments": "--run=sem.open.* --run=mq.open.*", **change})
matrix = m.Matrix(out)
try:
    (matrix.work / column.build).mkdir()
    shutil.copy(program, matrix.work / column.build)
    result = matrix.conform(column)
finally:
    shutil.rmtree(matrix.work)
print(result.text, *result.red, sep="\n")
sys.exit(1 if result.red else 0)
END
column() { python3 "$dir/column.py" "$matrix" "$dir/o" "$builddir/pipc-conform" "$1"; }
as='--user --map-root-user'
[ "$(id -u)" -ne 0 ] || as=
# shellcheck disable=SC2086
if unshare $as --ipc --mount sh -c 'mount --make-rprivate /' 2>/dev/null; then
	lacks="'lacks': 'mq mq_notify'"
	# Its status is 3: what it lacks explains that.
	check green 0 '^[0-9]+ of [0-9]+ checked: .* unchecked$' column "{$lacks}"
	check records 0 '"label":"mq-no-bytes"' head -n 1 "$dir/o/mq-no-bytes.jsonl"
	check lost-capability 1 '^mq is denied: .*not to lack it' \
		column "{'lacks': ''}"
	check new-capability 1 '^sem is present; this column is to lack it' \
		column "{'lacks': 'sem mq mq_notify'}"
	check as-denied 0 'unchecked$' \
		column "{'lacks': 'mq=denied mq_notify=denied'}"
	check not-as-absent 1 '^mq is denied: mq_open: EMFILE.*to have it absent' \
		column "{'lacks': 'mq=absent mq_notify'}"
	# What the program wrote, changed on its way.
	changed="'run': 'prlimit --msgqueue=0 \"\$@\" | sed -f $dir/change'"
	echo 's/"mq":"denied: [^"]*/"mq":"broken: no order/' >"$dir/change"
	check broken 1 '^mq is broken: no order' column "{$lacks, $changed}"
	echo '/"record":"case"/s/mq: mq_open: EMFILE[^"]*/no room for it/g' \
		>"$dir/change"
	check unexplained 1 \
		'^not checked, and not announced: mq.open.[a-z-]* and [0-9]* more: no room' \
		column "{$lacks, $changed}"
	check explained 0 'unchecked$' \
		column "{$lacks, $changed, 'reasons': ('no room*',)}"
	echo 's/^{"record":"case"/[    1.5] noise &/' >"$dir/change"
	check console 0 'unchecked$' column "{$lacks, $changed}"
	check bad-status 1 '^status 9$' column \
		"{$lacks, 'run': 'prlimit --msgqueue=0 \"\$@\" || exit 9'}"
	check regression 1 'meta.fails FAIL, regression' \
		column "{$lacks, 'arguments': '--run=meta.fails'}"
	check known 0 ': 1 known' column \
		"{$lacks, 'arguments': '--run=meta.fails --expect=meta.fails=fail'}"
	check stale-quirk 1 'meta.passes PASS, xpass' column \
		"{$lacks, 'arguments': '--run=meta.passes --expect=meta.passes=fail'}"
	check cut-off 1 '^not finished: ' column \
		"{$lacks, 'run': 'prlimit --msgqueue=0 \"\$@\" | head -n 9'}"
	check no-result 1 '^learned nothing: ' column \
		"{$lacks, 'run': 'prlimit --msgqueue=0 \"\$@\" | grep header'}"
	check nothing 1 'nothing came: cannot' column \
		"{$lacks, 'run': 'echo cannot; exit 1'}"
else
	n=$((n + 1))
	echo "ok $n - columns # SKIP no namespaces here"
fi
echo "1..$n"
