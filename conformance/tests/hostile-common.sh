# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh
# What the tests in hostile environments share; they read it in.  In each of
# them a correct system is tested: nothing fails for the environment's fault,
# nothing passes that cannot be seen, the run ends in time and tells the cause.
: "${builddir:=.}" "${srcdir:=.}"
# Where it may be, with no queues of others.
if [ -z "${HOSTILE_ALONE-}" ] && unshare -i true 2>/dev/null; then
	HOSTILE_ALONE=1 exec unshare -i "${SHELL:-/bin/sh}" "$0"
fi
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
# Where every user can run it.
cp "$builddir/pipc-conform" "$dir/conform"
chmod 755 "$dir/conform"
# shellcheck disable=SC2034
conform=$dir/conform
environment=$dir/environment
if [ -x "$builddir/environment" ]; then
	cp "$builddir/environment" "$environment"
	chmod 755 "$environment"
fi
# shellcheck disable=SC2034
stress=$builddir/pipc-stress
# Seconds until a run has taken too long, and the cases that must pass in it.
: "${most:=30}"
like=
n=0
finish() { # NAME SUCCESS-STATUS
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		# The news, then the rest.
		sed -n '/^not ok/,/^ok/p' "$dir/out" | grep -v '^ok' |
			head -n 100 | sed 's/^/# /'
		tail -n 20 "$dir/out" | sed 's/^/# /'
	fi
}
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
# The ids of the cases that were checked and are as expected.
checked() {
	grep -E '^(not )?ok [0-9]+ - [a-z]' "$1" | grep -v '# SKIP' |
		awk '$1 == "ok" || / # TODO / { print $($1 == "ok" ? 4 : 5) }' |
		sort -u
}
# Runs a command that is killed, with all its processes, when it takes too long.
timed() {
	"$environment" watch "$most" $$ >/dev/null 2>&1 &
	watch=$!
	"$@" || {
		set -- $?
		kill "$watch" 2>/dev/null || :
		return "$1"
	}
	kill "$watch" 2>/dev/null || :
}
# NAME "AREAS THAT MUST NOT PASS" PATTERN... -- COMMAND...: runs the command,
# which must end in time without a deviation and say each of the patterns.
# Where $like is a file of case ids, all of them must have been checked.
within() {
	name=$1 dark=$2
	shift 2
	: >"$dir/patterns"
	while [ "$1" != -- ]; do
		printf '%s\n' "$1" >>"$dir/patterns"
		shift
	done
	shift
	before=$(date +%s) status=0 fine=0
	timed "$@" >"$dir/out" 2>&1 </dev/null || status=$?
	took=$(($(date +%s) - before))
	if [ "$status" -eq 77 ] && grep -q '^environment: ' "$dir/out"; then
		skip "$name" "$(grep -m 1 '^environment: ' "$dir/out")"
		return
	fi
	case $status in
	0 | 3) ;;
	*)
		echo "# status $status"
		fine=1
		;;
	esac
	# A deviation that a quirk expects is no news here either.
	if grep '^not ok' "$dir/out" | grep -qv ' # TODO ' ||
		! grep -q '^1\.\.' "$dir/out"; then
		fine=1
	fi
	for area in $dark; do
		if grep "^ok [0-9]* - $area" "$dir/out" | grep -qv '# SKIP'; then
			echo "# passes in spite of all: $area"
			fine=1
		fi
	done
	while IFS= read -r pattern; do
		grep -Eq -- "$pattern" "$dir/out" || {
			echo "# not told: $pattern"
			fine=1
		}
	done <"$dir/patterns"
	if [ -n "$like" ]; then
		checked "$dir/out" >"$dir/checked"
		comm -23 "$like" "$dir/checked" >"$dir/lost"
		if [ -s "$dir/lost" ]; then
			echo "# not checked here: $(wc -l <"$dir/lost") cases"
			while read -r id; do
				grep -h -A 3 -- "- $id\\>" "$dir/out" |
					sed '2,$ { /ok [0-9]/,$d; }'
			done <"$dir/lost" | head -n 40 | sed 's/^/# /'
			fine=1
		fi
	fi
	[ "$took" -lt "$most" ] || {
		echo "# took $took s, more than allowed"
		fine=1
	}
	finish "$name" "$fine"
}
have() { command -v "$1" >/dev/null 2>&1; }
# As an ordinary user, where there is another.
as_user() { # UID COMMAND...
	uid=$1
	shift
	if [ "$(id -u)" -eq 0 ]; then
		"$environment" user "$uid" "$@"
	else
		"$@"
	fi
}
# In namespaces of its own (those options of unshare); $2 sets them up.
spaced() {
	spaces=$1 setup=$2
	shift 2
	# shellcheck disable=SC2086
	unshare $spaces sh -c "$setup && exec \"\$@\"" sh "$@"
}
# In a mount namespace of its own; $1 sets /dev/shm up.
mounted() {
	setup=$1
	shift
	spaced -m "mount --make-rprivate / && $setup" "$@"
}
