#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What pipc-report writes, and what tools/runners has, is read by others: each
# format by a program or a schema of its own, and the counts are compared.
set -eu
: "${builddir:=.}" "${srcdir:=.}"
if ! command -v python3 >/dev/null; then
	echo "1..0 # SKIP no python3"
	exit 0
fi
srcdir=$(cd "$srcdir" && pwd) builddir=$(cd "$builddir" && pwd)
tools=$srcdir/tools runners=$srcdir/tools/runners
conform=$builddir/pipc-conform
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
n=0
result() { # NAME COMMAND...
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		head -c 2000 "$dir/out" | sed 's/^/# /'
	fi
}
skip() { # NAME WHY
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
refuses() { ! "$@"; }
# A Python that has a module: the first in PATH, or the system's own.
python_with() {
	for python in python3 /usr/bin/python3; do
		"$python" -c "import $1" 2>/dev/null && echo "$python" && return
	done
	return 1
}

# Every kind of result: passed, noted, skipped, failed, crashed, left something
# behind, hung; known, and known and gone.
"$conform" -j4 --run 'meta.*' --skip meta.hangs --expect meta.fails=FAIL \
	--expect meta.passes=FAIL --json "$dir/meta.jsonl" >"$dir/meta.tap" || :
"$conform" -j2 --run 'gen.*' --json "$dir/gen.jsonl" >/dev/null || :
"$conform" --backend null --run 'gen.*' --json "$dir/null.jsonl" >/dev/null || :
sed '$d' "$dir/gen.jsonl" >"$dir/cut.jsonl"
for format in junit ktap kirk; do
	"$tools/pipc-report" "$format" "$dir/meta.jsonl" >"$dir/meta.$format"
done
"$tools/pipc-report" junit -o "$dir/three.junit" "$dir/meta.jsonl" \
	"$dir/gen.jsonl" "$dir/null.jsonl"
"$tools/pipc-report" ktap "$dir/gen.jsonl" "$dir/cut.jsonl" >"$dir/two.ktap"
"$tools/pipc-report" kcidb --origin pipc_ci --build-id maestro:1 \
	"$dir/meta.jsonl" "$dir/null.jsonl" >"$dir/meta.kcidb"

# How many cases of the files have this verdict, and one of these outcomes.
count() { # VERDICT [OUTCOMES] -- FILE...
	python3 - "$@" <<'END'
import json, sys
verdict, outcomes = sys.argv[1], sys.argv[2].split()
records = [json.loads(line) for name in sys.argv[3:] for line in open(name)]
print(sum(r["record"] == "case" and r["verdict"] == verdict and
          (not outcomes or r["outcome"] in outcomes) for r in records))
END
}
known=$(count xfail '' "$dir/meta.jsonl")
stale=$(count xpass '' "$dir/meta.jsonl")
left=$(($(count absent '' "$dir/meta.jsonl") +
	$(count unchecked '' "$dir/meta.jsonl")))
errors=$(count regression 'CRASH TIMEOUT' "$dir/meta.jsonl")
failures=$(count regression 'FAIL LEAK' "$dir/meta.jsonl")
result all-kinds test "$known $stale" = '1 1' -a "$left" -gt 0 \
	-a "$errors" -gt 0 -a "$failures" -gt 0

# JUnit
if python=$(python_with junitparser); then
	junit() { # FILE SUITES ERRORS FAILURES SKIPPED
		"$python" - "$@" <<'END'
import sys
from junitparser import JUnitXml, Error, Failure, Skipped
xml = JUnitXml.fromfile(sys.argv[1])
suites = list(xml)
assert len(suites) == int(sys.argv[2]), len(suites)
suite = suites[0]
seen = [type(r) for case in suite for r in case.result]
came = [seen.count(t) for t in (Error, Failure, Skipped)]
assert came == [int(a) for a in sys.argv[3:]], came
assert [suite.errors, suite.failures, suite.skipped] == came
assert suite.tests == len(list(suite))
assert all(c.classname.startswith("pipc.") and c.name for c in suite)
END
	}
	result junit junit "$dir/meta.junit" 1 "$errors" \
		$((failures + stale)) $((left + known))
	result junit-three junit "$dir/three.junit" 3 "$errors" \
		$((failures + stale)) $((left + known))
	result junit-refuses refuses junit "$dir/meta.junit" 1 0 0 0
else
	skip junit "no junitparser for python3"
fi
printf '%s\n' '{"record":"case","id":"a.b","req":[],"posix":null,"text":"t",
"outcome":"FAIL","verdict":"regression","quirk":null,"why":null,"messages":[
"\u0001\u001b <&>]]> \ud800"],"notes":{},"checks":1,"ms":1,"run":1}' |
	tr -d '\n' >"$dir/hostile"
{ head -n 1 "$dir/gen.jsonl"; cat "$dir/hostile"; echo; tail -n 1 "$dir/gen.jsonl"; } \
	>"$dir/hostile.jsonl"
"$tools/pipc-report" junit "$dir/hostile.jsonl" >"$dir/hostile.junit"
result junit-hostile-text python3 -c 'import sys, xml.etree.ElementTree as E
E.parse(sys.argv[1])' "$dir/hostile.junit"

# KTAP: the same lines as pipc-conform itself writes, and Perl's parser.
"$conform" -j4 --format ktap --run 'meta.*' --skip meta.hangs --expect \
	meta.fails=FAIL --expect meta.passes=FAIL >"$dir/own.ktap" || :
lines() {
	sed -En 's/^((not )?ok) [0-9]+ ([^ ]+)( # [A-Z]+)?.*/\3 \1\4/p' "$1" | sort
}
lines "$dir/own.ktap" >"$dir/own.lines"
lines "$dir/meta.ktap" >"$dir/meta.lines"
result ktap-same diff "$dir/own.lines" "$dir/meta.lines"
if perl -MTAP::Parser -e 1 2>/dev/null; then
	tap() { # FILE FAILED SKIPPED TODO
		perl -MTAP::Parser -e '
			my ($file, @want) = @ARGV;
			open my $f, "<", $file or die; local $/; my $tap = <$f>;
			my $p = TAP::Parser->new({tap => $tap});
			$p->run;
			die join("; ", $p->parse_errors) if $p->parse_errors;
			my @came = (scalar $p->failed, scalar $p->skipped,
			    scalar $p->todo);
			die "@came" if "@came" ne "@want";' "$@"
	}
	result ktap tap "$dir/meta.ktap" $((failures + errors)) "$left" \
		$((known + stale))
	result ktap-two tap "$dir/two.ktap" 1 0 0
else
	skip ktap "no TAP::Parser"
fi
result ktap-subtests test "$(grep -c '^  KTAP version 1$' "$dir/two.ktap")" = 2
result ktap-interrupted grep -q '^  not ok .* run.interrupted' "$dir/two.ktap"

# What was not checked, is broken or did not finish, by logs made by hand: how
# many cases each format says failed, and how many were skipped, with the reason.
mkdir "$dir/h"
python3 "$tools/tests/handmade.py" "$dir/h"
handmade() { # LOG CASES FAILED SKIPPED TEXT
	for format in junit ktap kirk kcidb; do
		build=
		[ $format != kcidb ] || build='--origin a --build-id a:b'
		# shellcheck disable=SC2086 # these are several words
		"$tools/pipc-report" $format $build -o "$dir/h/$1.$format" \
			"$dir/h/$1.jsonl" || return 1
	done
	python3 - "$dir/h/$1" "$@" <<'END'
import json, re, sys
import xml.etree.ElementTree as ET
name, wanted, text = sys.argv[1], [int(a) for a in sys.argv[3:6]], sys.argv[6]
texts = {kind: open(f"{name}.{kind}").read()
         for kind in ("junit", "ktap", "kirk", "kcidb")}
suite = ET.fromstring(texts["junit"].encode())[0]
nodes = list(suite.iter("testcase"))
junit = [int(suite.get(key)) for key in (
    "tests", "failures", "errors", "skipped")]
assert junit == [len(nodes)] + [
    sum(node.find(tag) is not None for node in nodes)
    for tag in ("failure", "error", "skipped")], junit
ktap, kirk = texts["ktap"], json.loads(texts["kirk"])
kcidb = [test["status"] for test in json.loads(texts["kcidb"])["tests"]]
came = {
    "junit": [junit[0], junit[1] + junit[2], junit[3]],
    "ktap": [int(re.search(r"^1\.\.(\d+)$", ktap, re.M).group(1)),
             len(re.findall("^not ok [^#]*$", ktap, re.M)),
             len(re.findall("^ok .* # SKIP ", ktap, re.M))],
    "kirk": [len(kirk["results"]), kirk["stats"]["failed"],
             kirk["stats"]["skipped"]],
    "kcidb": [len(kcidb), kcidb.count("FAIL"), kcidb.count("SKIP")]}
assert all(counts == wanted for counts in came.values()), (came, wanted)
for kind, written in texts.items():
    assert text in written, (kind, text)
END
}
denied='mq: mq_open: EMFILE; RLIMIT_MSGQUEUE is 0'
result unchecked handmade denied 6 0 3 "$denied"
result unchecked-1 handmade denied1 6 0 3 'mq: mq_open: EMFILE'
result absent handmade absent 6 0 3 'mq: mq_open: ENOSYS'
result absent-1 handmade absent1 6 0 3 'mq: mq_open: ENOSYS'
result broken handmade broken 6 2 0 'mq_receive: expected 5 bytes, got EMSGSIZE'
result broken-by-header handmade broken-header 4 1 0 \
	'mq is broken: mq_receive: expected 5 bytes, got EMSGSIZE'
result provided-but-not-there handmade lost 4 1 0 "$denied"
result unfinished handmade unfinished 3 1 0 \
	'not finished: it ends in mq.send.blocks'
result learned-nothing handmade nothing 1 1 0 'learned nothing'
result resumed handmade resumed 5 1 0 'the machine stopped while this case ran'
result remedy grep -q 'name="unchecked" value="mq, 2 cases: .*remedy: ulimit' \
	"$dir/h/denied.junit"
result remedy-ktap grep -q '^# not checked: mq, 2 cases: .*; remedy: ulimit' \
	"$dir/h/denied.ktap"

# KCIDB and kirk
if python=$(python_with jsonschema); then
	schema() { # SCHEMA FILE
		"$python" - "$@" <<'END'
import json, sys
import jsonschema
schema, data = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(data)
END
	}
	result kcidb schema "$tools/tests/kcidb-5.schema.json" "$dir/meta.kcidb"
	sed 's/"status": "SKIP"/"status": "OK"/' "$dir/meta.kcidb" >"$dir/bad"
	result kcidb-refuses refuses schema "$tools/tests/kcidb-5.schema.json" \
		"$dir/bad"
	result kirk schema "$tools/tests/kirk.schema.json" "$dir/meta.kirk"
	sed 's/"result": "fail"/"result": 1/' "$dir/meta.kirk" >"$dir/bad"
	result kirk-refuses refuses schema "$tools/tests/kirk.schema.json" \
		"$dir/bad"
else
	skip kcidb "no jsonschema for python3"
	skip kirk "no jsonschema for python3"
fi
kcidb_counts() {
	python3 - "$dir/meta.kcidb" "$@" <<'END'
import collections, json, sys
tests = json.load(open(sys.argv[1]))["tests"]
assert len({t["id"] for t in tests}) == len(tests), "ids are used twice"
tests = [t for t in tests if t["path"].startswith("pipc.meta.")]
came = collections.Counter(t["status"] for t in tests)
waived = sum(t.get("waived", False) for t in tests)
assert [waived, came["FAIL"], came["ERROR"], came["SKIP"]] == \
    [int(a) for a in sys.argv[2:]], (waived, came)
END
}
result kcidb-counts kcidb_counts "$known" $((known + failures + errors)) \
	"$stale" "$left"
result kcidb-wants-build refuses "$tools/pipc-report" kcidb --origin a \
	"$dir/meta.jsonl"
kirk_counts() {
	python3 - "$dir/meta.kirk" "$@" <<'END'
import json, sys
data = json.load(open(sys.argv[1]))
names = ("warnings", "failed", "broken", "skipped")
came = [data["stats"][name] for name in names]
assert came == [int(a) for a in sys.argv[2:]], came
for name in names + ("passed",):
    assert data["stats"][name] == sum(
        test["test"][name] for test in data["results"]), name
END
}
result kirk-counts kirk_counts "$known" $((failures + errors)) "$stale" "$left"
result no-stress refuses "$tools/pipc-report" junit /dev/null

# Kyua runs some cases, each as a test of its own; it says how many of a kind.
if command -v kyua >/dev/null; then
	mkdir "$dir/home"
	kyua_runs() {
		HOME=$dir/home PATH=$builddir:$PATH kyua test \
			-k "$runners/Kyuafile" -r "$dir/kyua.db" \
			pipc-atf:sem.open.twice pipc-atf:sem.close.counted \
			pipc-atf:mq.timed.clock-is-stepped &&
			HOME=$dir/home kyua report -r "$dir/kyua.db" \
				>"$dir/kyua.out"
	}
	result kyua kyua_runs
	result kyua-counts grep -q \
		'cases: 3 total, 1 skipped, 0 expected failures, 0 broken, 0 failed' \
		"$dir/kyua.out"
	HOME=$dir/home PATH=$builddir:$PATH kyua list -k "$runners/Kyuafile" \
		>"$dir/kyua.list"
	result kyua-lists test "$(wc -l <"$dir/kyua.list")" -eq \
		"$("$conform" --list | wc -l)"
else
	skip kyua "no kyua"
fi
atf() { # CASE WANTED
	PIPC_CONFORM=$conform "$runners/pipc-atf" -r "$dir/atf" "$1" >/dev/null || :
	cat "$dir/atf"
	grep -Eq "$2" "$dir/atf"
}
result atf-passed atf meta.passes '^passed$'
result atf-failed atf meta.fails '^failed: .*meta.c:.*does not hold'
result atf-broken atf no.such-case '^broken: '

# LAVA: the definition has what LAVA wants, and its steps, run here, tell
# lava-test-case of every case.
if python=$(python_with yaml); then
	"$python" - "$runners/lava.yaml" >"$dir/steps" <<'END' || :
import sys
import yaml
d = yaml.safe_load(open(sys.argv[1]))
meta = d["metadata"]
assert meta["format"] == "Lava-Test Test Definition 1.0"
assert meta["name"] and meta["description"]
assert all(isinstance(s, str) for s in meta["os"] + meta["scope"])
for key, value in d["params"].items():
    print(f"{key}='{value} --run meta.* --skip meta.hangs"
          " --expect meta.fails=FAIL --expect meta.passes=FAIL'")
for step in d["run"]["steps"]:
    print(step)
END
	mkdir "$dir/bin"
	printf '#!/bin/sh\necho "$1 $3" >>"%s"\n' "$dir/lava" \
		>"$dir/bin/lava-test-case"
	chmod +x "$dir/bin/lava-test-case"
	lava() {
		cd "$dir" && set -f &&
			PATH=$dir/bin:$builddir:$PATH sh -f "$dir/steps"
	}
	result lava-steps lava
	lava_counts() {
		# One more for the run as a whole.
		printf '%s fail\n%s skip\n' \
			$((failures + errors + stale + 1)) \
			$((left + known)) >"$dir/wanted"
		sed 's/.* //' "$dir/lava" | grep -v pass | sort | uniq -c |
			sed 's/^ *//' | diff "$dir/wanted" -
	}
	result lava-counts lava_counts
else
	skip lava "no yaml for python3"
fi

# installed-tests and autopkgtest
result installed-tests python3 - "$runners/pipc-conform.test.in" <<'END'
import configparser, sys
c = configparser.ConfigParser()
c.optionxform = str
c.read(sys.argv[1])
assert c["Test"]["Type"] == "session" and c["Test"]["Output"] == "TAP"
assert c["Test"]["Exec"].startswith("@bindir@/pipc-conform")
END
autopkgtest() {
	mkdir "$dir/artifacts"
	grep -qx 'Tests: conform' "$runners/autopkgtest/control" || return 1
	status=0
	AUTOPKGTEST_ARTIFACTS=$dir/artifacts PATH=$builddir:$PATH \
		"$runners/autopkgtest/conform" || status=$?
	# The run's own status: 3 for those who are not root.
	tail -n 1 "$dir/artifacts/pipc.jsonl" |
		grep "\"record\":\"summary\".*\"status\":$status,"
}
result autopkgtest autopkgtest

result help sh -c "'$tools/pipc-report' --help | grep -q kcidb"
result help-format sh -c "'$tools/pipc-report' junit --help | grep -q output"
echo "1..$n"
