#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# tools/boot with a program in the place of qemu that shows what it was given, or
# says what a console says. tools/tests/boot-kernel.sh is the same with a kernel.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
# shellcheck disable=SC1091 # it is looked at by itself
. "$srcdir/tools/tests/check"
boot=$srcdir/tools/boot
mkdir "$dir/bin"
PATH=$dir/bin:$PATH
unset PIPC_LABEL PIPC_EMULATOR PIPC_EXEC PIPC_TIMEOUT_MULTIPLIER
echo kernel >"$dir/kernel"
echo program >"$dir/program"
# qemu: keeps its arguments and the initial file system, then runs $dir/guest.
cat >"$dir/bin/qemu-system-x86_64" <<END
#!/bin/sh
printf '%s\\n' "\$@" >"$dir/arguments"
while [ \$# -gt 1 ]; do
	[ "\$1" != -initrd ] || gzip -dc "\$2" >"$dir/initrd"
	shift
done
echo \$\$ >"$dir/pid"
exec sh -eu "$dir/guest"
END
chmod +x "$dir/bin/qemu-system-x86_64"
holds() { # NAME COMMAND...
	name=$1
	shift
	check "$name" 0 '^holds$' sh -c '"$@" && echo holds' sh "$@"
}
says() { # NAME PATTERN: of the command that was checked last
	cp "$dir/out" "$dir/said"
	check "$1" 0 "$2" cat "$dir/said"
}
guest() { cat >"$dir/guest"; }
run() { "$boot" "$@"; }
machine() { "$boot" amd64 "$dir/kernel" "$dir/program" "$@"; }

header='{"record":"header","schema":2,"resumed":false}'
begin() { echo "{\"record\":\"begin\",\"id\":\"$1\",\"run\":1}"; }
case_of() { echo "{\"record\":\"case\",\"id\":\"$1\",\"run\":1}"; }
summary2() { echo "{\"record\":\"summary\",\"verdicts\":{},\"status\":$1}"; }
summary1() { # REGRESSION PASS
	echo "{\"record\":\"summary\",\"outcomes\":{\"PASS\":$2,\"UNSUPPORTED\":3," \
		"\"UNRESOLVED\":4},\"verdicts\":{\"ok\":9,\"xpass\":0," \
		"\"regression\":$1},\"interrupted\":false}"
}

check help 0 'the kernel does not survive' run --help
check usage 2 '^usage: ' run
check no-program 2 '^usage: ' run amd64 "$dir/kernel"
check bad-option 2 '^usage: ' run --resum x amd64 "$dir/kernel" "$dir/program"
check bad-limit 2 'argument -t' run -t 0 amd64 "$dir/kernel" "$dir/program"
check machine 2 "no machine for 'vax'" run vax "$dir/kernel" "$dir/program"
check kernel 2 'cannot read .*nonesuch' run amd64 "$dir/nonesuch" "$dir/program"
check program 2 'cannot read .*nonesuch' run amd64 "$dir/kernel" "$dir/nonesuch"
check resume 2 'cannot read .*nonesuch' run --resume "$dir/nonesuch" \
	amd64 "$dir/kernel" "$dir/program"
check no-emulator 2 'cannot start qemu-system-arm: ' env PATH="$dir/bin" \
	"$(python3 -c 'import sys; print(sys.executable)')" "$boot" armhf "$dir/kernel" "$dir/program"

# What the program is given.
guest <<'END'
echo '# status 0'
END
check plain 0 '^# status 0' machine
holds no-options sh -c '! grep -e " -- " "$1"' sh "$dir/arguments"
check options 0 . machine --run 'mq.*' '--run=a b' -j2
check command-line 0 ' -- --run mq\.\* "--run=a b" -j2$' cat "$dir/arguments"
check files 0 '070701.*dev/console.*init' tr '\0' ' ' <"$dir/initrd"
check empty-option 2 "cannot be handed on: ''" machine --run ''
check double-quote 0 . machine --run 'a"b' x
check arguments-file 0 '^a"b$' grep -a -A 3 pipc.args "$dir/initrd"
holds arguments-not-twice sh -c '! grep -e " -- " "$1"' sh "$dir/arguments"
# shellcheck disable=SC2046
check many-options 0 . machine $(seq 31)
check many-in-file 0 '^31$' grep -a '^31' "$dir/initrd"
check environment 0 . env PIPC_LABEL='a label' PIPC_EXEC=x "$boot" amd64 \
	"$dir/kernel" "$dir/program"
check handed-on 0 'PIPC_LABEL="a label" PIPC_TIMEOUT_MULTIPLIER="5"$' \
	cat "$dir/arguments"
check bad-variable 2 'PIPC_LABEL cannot' env PIPC_LABEL='"' "$boot" amd64 \
	"$dir/kernel" "$dir/program"
if command -v cpio >/dev/null; then
	check cpio 0 '^crw.* 5, *1 .*dev/console$' cpio -itv -F "$dir/initrd"
fi

# The status of the program, and nothing lost of the console.
for status in 0 1 3 77; do
	{ echo cat "<<'END'"; begin a; case_of a; summary2 $status; echo; echo END; } |
		guest
	check "schema-2-$status" "$status" '"record":"summary"' machine
done
for line in '0 5 0' '1 5 1' '0 0 77'; do
	# shellcheck disable=SC2086
	set -- $line
	{ echo cat "<<'END'"; summary1 "$1" "$2"; echo END; } | guest
	check "schema-1-$3" "$3" . machine
done
guest <<'END'
printf "pipc-conform: unknown option 'x'\r\n# status 2\r\n[1] reboot: Power down\r\n"
END
check bad-option-of-the-program 2 "unknown option 'x'$" machine x
guest <<'END'
echo '# status 3: as expected, but 198 cases were not checked'
exec sleep 60
END
check status-in-words 3 'were not checked' sh -c '
	sed -i "s/^POWER_OFF, REBOOT = 30, 10/POWER_OFF, REBOOT = 1, 1/" "$1"
	"$1" amd64 "$2/kernel" "$2/program"' sh \
	"$(cp "$boot" "$dir/quick" && echo "$dir/quick")" "$dir"

# Machines that stop.
{ echo cat "<<'END'"; echo "$header"; case_of a; begin b.c
  echo '[ 9.1] Kernel panic - not syncing: sysrq triggered crash'; echo END; } | guest
check panic 1 'stopped, 1 case had ended, b.c had begun: Kernel panic - not syncing: sysrq' \
	machine --json=-
says panic-again 'tools/boot -t 600 -o LOG --resume LOG amd64 '
guest <<'END'
exit 3
END
check ended 1 'stopped before the program ended .0 cases had ended.; qemu-system-x86_64: status 3' machine
says no-records 'no records to resume from'
{ echo cat "<<'END'"; begin a; case_of a; begin d.e; printf '{"record":"ca'
  echo; echo END; echo 'exec sleep 60'; } | guest
before=$(date +%s)
check limit 124 'did not end in 1 s .1 case had ended, d.e had begun.; the last' \
	run -t 1 -o "$dir/log" amd64 "$dir/kernel" "$dir/program"
says limit-last-lines '^  \{"record":"ca$'
holds limit-is-one test "$(($(date +%s) - before))" -le 20
holds limit-ends-qemu sh -c "! kill -0 $(cat "$dir/pid")"
check log-kept 0 '"id":"d.e"' cat "$dir/log"

# Resuming: another log, or the same one; and none is overwritten.
{ echo cat "<<'END'"; case_of f; summary2 0; echo END; } | guest
check not-overwritten 2 'log is not empty: --resume ' run -o "$dir/log" amd64 \
	"$dir/kernel" "$dir/program"
cp "$dir/log" "$dir/first"
check resumed 0 '"id":"f"' run --resume "$dir/first" -o "$dir/second" amd64 \
	"$dir/kernel" "$dir/program" --json=-
check resumed-option 0 ' -- --json=- --resume=/resume.log$' cat "$dir/arguments"
check resumed-log 0 '"id":"d.e"' grep -a d.e "$dir/initrd"
holds resumed-first cmp "$dir/first" "$dir/log"
check resumed-second 0 '^1$' grep -c '"record":"case"' "$dir/second"
check continued 0 . run --resume "$dir/log" -o "$dir/log" amd64 "$dir/kernel" \
	"$dir/program"
holds continued-log sh -c 'cat "$1/first" "$1/second" | cmp - "$1/log"' sh "$dir"

# A signal ends the machine too; what it had said is there.
{ echo 'echo said'; echo 'exec sleep 60'; } | guest
rm -f "$dir/pid" "$dir/log"
"$boot" -o "$dir/log" amd64 "$dir/kernel" "$dir/program" >/dev/null &
waited=0
until [ -s "$dir/log" ] || [ "$waited" -eq 300 ]; do
	sleep 0.1
	waited=$((waited + 1))
done
kill -TERM "$!"
rc=0
wait "$!" || rc=$?
holds signal test "$rc" -eq 143
holds signal-ends-qemu sh -c "! kill -0 $(cat "$dir/pid")"
check signal-log 0 '^said$' cat "$dir/log"
echo "1..$n"
