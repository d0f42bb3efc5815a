#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Logs of pipc-conform that are written by hand, for tests of what reads them.

usage: handmade.py DIRECTORY

Each is one kind of run that is hard to have on demand: of schema 1 and 2, with a
capability that is denied or broken, cut, resumed, from a console."""

import json
import pathlib
import sys

ABSENT = "mq_open: ENOSYS"
DENIED = "mq_open: EMFILE; RLIMIT_MSGQUEUE is 0"
BROKEN = "mq_receive: expected 5 bytes, got EMSGSIZE"
OK, ABSENT_CASE = ("PASS", "ok"), ("UNSUPPORTED", "absent")
UNCHECKED, RED = ("UNRESOLVED", "unchecked"), ("FAIL", "regression")


def header(schema=2, capabilities=None, resumed=False, system=None, **more):
    identity = {"os": "Linux", "release": "6.1", "version": "#1",
                "machine": "x86_64", "libc": "glibc", "libc_version": "2.36",
                **(system or {})}
    record = {"record": "header", "schema": schema, "program": "pipc-conform",
              "version": "1.0.0", "started": "2026-01-01T00:00:00Z",
              "system": identity, "backend": "system", "mutant": None,
              "seed": 1, "capabilities": {"sem": "present", "mq": "present",
                                          **(capabilities or {})},
              "limits": {}}
    if schema == 2:
        record.update(provides=["sem", "mq"], resumed=resumed)
    return {**record, **more}


def case(case_id, result, why=None, quirk=None, notes=None, req=(), run=1,
         message="expected 1, got 2"):
    outcome, verdict = result
    unseen = outcome in ("UNSUPPORTED", "UNRESOLVED")
    bad = outcome in ("FAIL", "TIMEOUT", "CRASH", "LEAK")
    return {"record": "case", "id": case_id, "req": list(req), "posix": "XSH",
            "text": f"what {case_id} wants </script><b>&", "outcome": outcome,
            "verdict": verdict, "quirk": quirk,
            "why": (why or "mq: " + DENIED) if unseen else None,
            "messages": [why or "mq: " + DENIED] if unseen else
            [message] if bad else [], "notes": notes or {},
            "checks": 0 if unseen else 1, "ms": 1, "run": run}


def begin(case_id, run=1):
    return {"record": "begin", "id": case_id, "run": run}


def summary(schema=2, cases=(), unchecked=(), interrupted=False, status=0):
    verdicts = {}
    for one in cases:
        verdicts[one["verdict"]] = verdicts.get(one["verdict"], 0) + 1
    record = {"record": "summary", "outcomes": {}, "verdicts": verdicts}
    if schema == 2:
        record.update(status=status, unchecked=list(unchecked))
    return {**record, "interrupted": interrupted, "ms": 1}


def text(*records):
    """Records as pipc-conform writes them: strings stay as they are."""
    return "".join(r if isinstance(r, str) else
                   json.dumps(r, separators=(",", ":")) + "\n"
                   for r in records)


def run(head, cases, **end):
    """A whole run: each case begins before it has a result."""
    lines = [head]
    for one in cases:
        lines += [begin(one["id"], one["run"])] * (head["schema"] == 2) + [one]
    return text(*lines, summary(head["schema"], cases, **end))


def results(queues, why=None, name="capability.mq"):
    """Three cases of semaphores, two and the capability's own of queues."""
    return [case("sem.open.twice", OK), case("sem.open.umask", OK),
            case("sem.wait.blocks", ("NOTED", "ok"), notes={"value": "1"}),
            case(name, queues, why), case("mq.open.twice", queues, why),
            case("mq.send.blocks", queues, why)]


def logs():
    """The logs by name."""
    cause = {"what": "mq", "cases": 2, "why": DENIED,
             "remedy": "ulimit -q 819200"}
    whole = results(OK)
    denied = {"mq": "denied: " + DENIED}
    first = [header(), begin("sem.open.twice"), whole[0],
             begin("sem.open.umask"), whole[1], begin("mq.send.blocks")]
    cut = json.dumps(whole[2])[:70]
    crash = case("mq.send.blocks", ("CRASH", "regression"),
                 message="the machine stopped while this case ran")
    rest = [header(resumed=True), crash, begin("sem.wait.blocks"), whole[2],
            begin("mq.open.twice"), whole[4],
            summary(cases=[*whole[:3], crash, whole[4]], status=1)]
    broken = run(header(capabilities={"mq": "broken: " + BROKEN}),
                 [*whole[:3], case("capability.mq", RED, message=BROKEN),
                  case("mq.open.twice", OK), case("mq.send.blocks", RED)],
                 status=1)
    found = {
        "whole": run(header(), whole),
        "whole1": run(header(1), whole),
        "denied": run(header(capabilities=denied), results(UNCHECKED),
                      unchecked=[cause], status=3),
        # Schema 1 calls both "ok", and denied "unresolved".
        "denied1": run(header(1, {"mq": "unresolved: mq_open: EMFILE"}),
                       results(("UNRESOLVED", "ok"), "mq: mq_open: EMFILE")),
        "absent": run(header(capabilities={"mq": "absent: " + ABSENT}),
                      results(ABSENT_CASE, "mq: " + ABSENT)),
        "absent1": run(header(1, {"mq": "absent: " + ABSENT}),
                       results(("UNSUPPORTED", "ok"), "mq: " + ABSENT)),
        "broken": broken,
        # Its case was not chosen: the header alone says it.
        "broken-header": run(header(capabilities={"mq": "broken: " + BROKEN}),
                             whole[:3]),
        "broken-known": run(
            header(capabilities={"mq": "broken: " + BROKEN}),
            [*whole[:3], case("capability.mq", ("FAIL", "xfail"),
                              quirk="linux.mq-broken", message=BROKEN)]),
        # Red, though it could not be checked: the system provides it.
        "lost": run(header(capabilities=denied),
                    [*whole[:3], case("capability.mq", ("UNRESOLVED",
                                                        "regression"))],
                    status=1),
        # Every capability is there, and still a case could not be checked.
        "one-unchecked": run(header(), [*whole[:5], case(
            "mq.send.blocks", UNCHECKED, "no room")], status=3),
        "nothing": text(header()),
        "began": text(header(), begin("sem.open.twice")),
        "unfinished": text(*first),
        "interrupted": text(*first, summary(interrupted=True)),
        # A begin record without a result, though there is a summary.
        "skipped": text(*first, summary(cases=whole[:2])),
        "cut": text(*first, cut),
        "cut-in-the-middle": text(*first, cut + "\n", whole[2]),
        "second": text(*rest),
        "resumed": text(*first, cut + "\n", *rest),
        # As "cat FIRST SECOND" gives it.
        "glued": text(*first, cut, *rest),
        "resumed-elsewhere": text(*first, header(resumed=True, backend="ref"),
                                  *rest[1:]),
        "resumed-denied": text(*first, header(resumed=True,
                                              capabilities=denied), *rest[1:]),
        "two-runs": run(header(), whole) + run(header(), whole),
        "console": text(
            "Booting the kernel.\r\n", "1..6\r\n", header(), "\r\n",
            "ok 1 - sem.open.twice\r\n", begin("sem.open.twice"), whole[0],
            "[    1.5] crng init done", whole[1],
            '# output: {"record":"case","id":"forged"}\n', *whole[2:],
            summary(cases=whole)).replace("}\n", "}\r\n")
        + "\0\0\0\0",
        "no-verdict": text(header(), {"record": "case", "id": "a.b"}),
        "no-such-verdict": text(header(), case("a.b", ("PASS", "fine"))),
        "schema3": text(header(3)),
    }
    return found


def main():
    where = pathlib.Path(sys.argv[1])
    for name, log in logs().items():
        (where / f"{name}.jsonl").write_text(log, newline="")
    # What is no text at all.
    (where / "bytes.jsonl").write_bytes(
        b"\xff\xfe\x1b[2J\n" + logs()["whole"].encode())


if __name__ == "__main__":
    main()
