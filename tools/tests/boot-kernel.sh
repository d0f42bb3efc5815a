#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# tools/boot with a real kernel that is killed, panics, or takes too long, and
# the rest of the run afterwards; make check-boot. Two minutes, and one more the
# first time, for a static build and one of Debian's kernels (or PIPC_KERNEL).
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/tools/tests/check"
boot=$srcdir/tools/boot
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
command -v qemu-system-x86_64 >/dev/null || skip_all "no qemu-system-x86_64"
[ "$(uname -sm)" = "Linux x86_64" ] || skip_all "the program is built for x86-64"
kernel=${PIPC_KERNEL:-${XDG_CACHE_HOME:-$HOME/.cache}/pipc-matrix/bookworm-amd64-linux-image-cloud-amd64}
[ -e "$kernel" ] || "$srcdir/tools/debian-kernel" bookworm amd64 \
	linux-image-cloud-amd64 "$kernel" >"$dir/out" 2>&1 ||
	skip_all "no kernel: $(tail -n 1 "$dir/out")"
source=$(cd "$srcdir" && pwd)
static=$builddir/static
mkdir -p "$static"
(
	cd "$static"
	[ -e config.status ] || "$source/configure" -q LDFLAGS=-all-static
	make -s pipc-conform
) >"$dir/out" 2>&1 || skip_all "no static build: $(tail -n 1 "$dir/out")"
conform=$static/pipc-conform
PIPC_META_PANIC="this machine"
export PIPC_META_PANIC
unset PIPC_EXEC PIPC_LABEL PIPC_EMULATOR

machine() { "$boot" -t 300 amd64 "$kernel" "$conform" "$@"; }
holds() { # NAME COMMAND...
	name=$1
	shift
	check "$name" 0 '^holds$' sh -c '"$@" && echo holds' sh "$@"
}
says() { # NAME PATTERN: of the command that was checked last
	cp "$dir/out" "$dir/said"
	check "$1" 0 "$2" cat "$dir/said"
}

check green 0 '^\{"record":"summary"' machine --json=- --run 'sem.open.*'
check bad-option 2 "unknown option '--runn'" machine --runn x
check stray-word 2 "'word'" machine --run 'sem.open.*' word
check blanks 2 "no case matches 'a b'" machine --run 'a b'
check quotes 2 "no case matches 'a \"b'" machine --run 'a "b'
check red 1 '^# again: ' machine --run meta.fails
check limit 124 'did not end in 15 s .*the last lines' "$boot" -t 15 amd64 \
	"$kernel" "$conform" --run meta.hangs --repeat 100

# LOG CULPRIT OPTION...: every case that the options choose has one result in the
# log; the culprit is a CRASH, and says that the machine stopped.
cat >"$dir/whole.py" <<'END'
import json, subprocess, sys
log, culprit, command = sys.argv[1], sys.argv[2], sys.argv[3:]
planned = sorted(line.split("\t")[0] for line in subprocess.run(
    command + ["--list"], stdout=subprocess.PIPE, text=True,
    check=True).stdout.splitlines())
records = [json.loads(line) for line in open(log, errors="replace")
           if line.startswith('{"record":') and line.endswith("}\n")]
cases = [r for r in records if r["record"] == "case"]
headers = [r["resumed"] for r in records if r["record"] == "header"]
got = sorted(r["id"] for r in cases)
assert got == planned, (set(planned) - set(got), len(got), len(planned))
assert headers == [False, True], headers
crash = [r for r in cases if r["id"] == culprit]
assert [r["outcome"] for r in crash] == ["CRASH"], crash
assert "the machine stopped while this case ran" in crash[0]["messages"], crash
others = [r for r in cases if r["id"] != culprit and
          r["verdict"] not in ("ok", "xfail", "absent", "unchecked")]
assert not others, others
assert records[-1]["record"] == "summary", records[-1]
print("whole")
END
whole() { # NAME LOG CULPRIT OPTION...
	name=$1 log=$2 culprit=$3
	shift 3
	check "$name" 0 '^whole$' python3 "$dir/whole.py" "$log" "$culprit" \
		"$conform" "$@"
}

# The machine is killed while a case runs.
set -- --run 'sem.open.*' --run meta.hangs --run 'shm.open.*'
"$boot" -o "$dir/killed" amd64 "$kernel" "$conform" --json=- "$@" >/dev/null &
tries=0
until grep -q '"begin","id":"meta.hangs"' "$dir/killed" 2>/dev/null ||
	[ "$tries" -eq 1200 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
kill -TERM "$!"
rc=0
wait "$!" || rc=$?
holds killed test "$rc" -eq 143
holds killed-midway sh -c '! grep "\"record\":\"summary\"" "$1"' sh "$dir/killed"
check killed-resumed 1 'not ok [0-9]* - meta.hangs CRASH' "$boot" -o "$dir/killed" \
	--resume "$dir/killed" amd64 "$kernel" "$conform" --json=- "$@"
whole killed-whole "$dir/killed" meta.hangs "$@"

# A case makes the kernel panic; the rest is run into another log.
set -- --run 'sem.open.*' --run meta.panics --run 'shm.open.*'
check panic 1 'stopped, [0-9]* cases? had ended, meta.panics had begun: Kernel panic' \
	"$boot" -o "$dir/panic" amd64 "$kernel" "$conform" --json=- "$@"
says panic-again 'to run the rest: tools/boot .* --resume .*panic amd64'
check panic-resumed 1 'not ok [0-9]* - meta.panics CRASH' "$boot" \
	-o "$dir/rest" --resume "$dir/panic" amd64 "$kernel" "$conform" --json=- "$@"
cat "$dir/panic" "$dir/rest" >"$dir/both"
whole panic-whole "$dir/both" meta.panics "$@"
echo "1..$n"
