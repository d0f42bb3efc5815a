# SPDX-License-Identifier: BSD-3-Clause
"""Runs of pipc-conform in the formats that other test systems read."""

import argparse
import json
import sys
import xml.etree.ElementTree as ET

import pipc_records

# The verdict decides, not the outcome: a known deviation is not a failure, a
# stale quirk is.  One of these five words is the result of a case.
PASS, SKIP, KNOWN, STALE, REGRESSION = (
    "pass", "skip", "known", "stale", "regression")


def result(case):
    if case["verdict"] == "regression":
        return REGRESSION
    if case["verdict"] == "xpass":
        return STALE
    if case["verdict"] == "xfail":
        return KNOWN
    if case["verdict"] in ("unchecked", "absent"):
        return SKIP
    # With --expect a failure may be "ok".
    return PASS if case["outcome"] in pipc_records.GOOD else KNOWN


def headline(case):
    """Why a case is not good, in one line."""
    kind = result(case)
    if kind == SKIP:
        return (f"{case['verdict']} ({case['outcome']}): "
                f"{case['why'] or 'no reason given'}")
    if kind == STALE:
        return f"stale quirk: {case['quirk'] or '--expect'}"
    said = f": {case['messages'][0]}" if case["messages"] else ""
    known = f"known, {case['quirk'] or '--expect'}: " if kind == KNOWN else ""
    return known + case["outcome"] + said


def details(case):
    """All that a person needs to go on, as text."""
    lines = list(case["messages"])
    lines.append(f"a correct system: {case['text']}")
    if case["req"]:
        lines.append(f"requirements: {' '.join(case['req'])}")
    if case["posix"]:
        lines.append(f"source: {case['posix']}")
    lines += [f"{key} = {value}" for key, value in case["notes"].items()]
    lines.append(f"again: pipc-conform --run '{case['id']}'")
    return "\n".join(lines)


def finding(case_id, text, outcome, message):
    """What is red of a run as a whole, in the form of a case."""
    return {"id": case_id, "req": [], "posix": None, "text": text,
            "outcome": outcome, "verdict": "regression", "quirk": None,
            "why": None, "notes": {}, "ms": 0, "messages": [message]}


def cases_of(run):
    """The cases; one for each broken capability whose own case was not run, and
    one for a run that did not finish, all of them red."""
    cases = list(run.cases.values())
    for name, why in run.broken():
        case_id = pipc_records.case_of(name)
        if case_id not in run.cases:
            cases.append(finding(
                case_id, f"{name} works in its simplest form", "FAIL",
                f"{name} is broken: {why}"))
    if run.trouble():
        cases.append(finding("run.interrupted", "the run ends with its summary",
                             "CRASH", run.trouble()))
    return cases


# --- JUnit XML ----------------------------------------------------------------

def xml_text(text):
    """Without what XML 1.0 cannot say."""
    return "".join(c if c in "\t\n" or " " <= c <= "\ud7ff" or
                   "\ue000" <= c <= "\ufffd" or c > "\uffff" else "?"
                   for c in text)


def junit_case(suite, case):
    area, name = case["id"].split(".", 1)
    node = ET.SubElement(suite, "testcase", classname=f"pipc.{area}",
                         name=name, time=f"{case['ms'] / 1000:.3f}")
    kind = result(case)
    if kind in (SKIP, KNOWN):
        ET.SubElement(node, "skipped", message=xml_text(headline(case)))
    elif kind != PASS:
        tag = ("error" if case["outcome"] in ("TIMEOUT", "CRASH")
               else "failure")
        ET.SubElement(node, tag, type=case["outcome"],
                      message=xml_text(headline(case))
                      ).text = xml_text(details(case))
    if kind == PASS and case["notes"]:
        ET.SubElement(node, "system-out").text = xml_text(details(case))
    return node


def junit(runs, _):
    suites = ET.Element("testsuites", name="pipc-conform")
    for run in runs:
        cases = cases_of(run)
        suite = ET.SubElement(suites, "testsuite", name=run.label(),
                              tests=str(len(cases)),
                              timestamp=run.header["started"].rstrip("Z"),
                              time=f"{sum(c['ms'] for c in cases) / 1000:.3f}")
        properties = ET.SubElement(suite, "properties")
        for group in ("system", "capabilities", "limits"):
            for key, value in run.header[group].items():
                ET.SubElement(properties, "property", name=f"{group}.{key}",
                              value=xml_text(str(value)))
        for cause in run.unchecked():
            ET.SubElement(properties, "property", name="unchecked",
                          value=xml_text(pipc_records.cause_words(cause)))
        nodes = [junit_case(suite, case) for case in cases]
        for tag, name in (("failure", "failures"), ("error", "errors"),
                          ("skipped", "skipped")):
            suite.set(name, str(sum(n.find(tag) is not None for n in nodes)))
    ET.indent(suites)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            + ET.tostring(suites, encoding="unicode") + "\n")


# --- KTAP ---------------------------------------------------------------------

def ktap_lines(run):
    cases = cases_of(run)
    yield "KTAP version 1"
    yield f"1..{len(cases)}"
    for number, case in enumerate(cases, 1):
        kind = result(case)
        word = "not ok" if kind in (KNOWN, REGRESSION) else "ok"
        line = f"{word} {number} {case['id']}"
        if kind == SKIP:
            line += (f" # SKIP {case['outcome']}: "
                     f"{case['why'] or 'no reason given'}")
        elif kind in (KNOWN, STALE):
            line += f" # TODO {case['quirk'] or '--expect'}"
        elif kind == REGRESSION:
            line += f" {case['outcome']}"
        yield line.replace("\n", " ")
        if kind not in (PASS, SKIP):
            yield from (f"# {text}" for text in details(case).splitlines())
    for cause in run.unchecked():
        yield f"# not checked: {pipc_records.cause_words(cause)}"


def ktap(runs, _):
    """One file is one list; several are subtests, each named by its system."""
    if len(runs) == 1:
        return "\n".join(ktap_lines(runs[0])) + "\n"
    lines = ["KTAP version 1", f"1..{len(runs)}"]
    for number, run in enumerate(runs, 1):
        lines += [f"  {line}" for line in ktap_lines(run)]
        red = any(result(case) in (REGRESSION, STALE)
                  for case in cases_of(run))
        lines.append(f"{'not ok' if red else 'ok'} {number} {run.label()}")
    return "\n".join(lines) + "\n"


# --- KCIDB --------------------------------------------------------------------

KCIDB = {PASS: "PASS", SKIP: "SKIP", KNOWN: "FAIL", STALE: "ERROR",
         REGRESSION: "FAIL"}


def kcidb_test(run, case, options, number):
    system = run.header["system"]
    test = {
        "build_id": options.build_id,
        "id": f"{options.origin}:{options.run_id or run.header['started']}"
              f"-{number}-{case['id']}",
        "origin": options.origin,
        "path": f"pipc.{case['id']}",
        "comment": case["text"],
        "status": KCIDB[result(case)],
        "start_time": run.header["started"].replace("Z", "+00:00"),
        "duration": case["ms"] / 1000,
        "environment": {"comment": run.label(), "misc": dict(system)},
        "misc": {"outcome": case["outcome"], "verdict": case["verdict"],
                 "requirements": case["req"], "values": case["notes"]},
    }
    if result(case) == KNOWN:
        test["waived"] = True
        test["misc"]["quirk"] = case["quirk"] or "--expect"
    if result(case) != PASS:
        test["log_excerpt"] = (headline(case) + "\n" + details(case))[:16384]
    return test


def kcidb(runs, options):
    if not options.origin or not options.build_id:
        raise pipc_records.BadInput(
            "kcidb needs --origin NAME and --build-id NAME:ID")
    if not options.build_id.partition(":")[2]:
        raise pipc_records.BadInput(
            f"not ORIGIN:ID, as --build-id must be: '{options.build_id}'")
    tests = [kcidb_test(run, case, options, number)
             for number, run in enumerate(runs, 1) for case in cases_of(run)]
    return json.dumps({"version": {"major": 5, "minor": 0}, "tests": tests},
                      indent=2) + "\n"


# --- kirk, which runs LTP -----------------------------------------------------

KIRK = {PASS: ("pass", "passed"), SKIP: ("conf", "skipped"),
        KNOWN: ("warn", "warnings"), STALE: ("brok", "broken"),
        REGRESSION: ("fail", "failed")}
COUNTS = ("passed", "failed", "broken", "skipped", "warnings")
# What a program that uses LTP's library would exit with.
STATUS = {"pass": 0, "fail": 1, "brok": 2, "warn": 4, "conf": 32}


def kirk_test(case):
    word, count = KIRK[result(case)]
    log = details(case)
    if result(case) != PASS:
        log = headline(case) + "\n" + log
    test = {"command": "pipc-conform", "arguments": ["--run", case["id"]],
            "log": log, "retval": [str(STATUS[word])],
            "duration": case["ms"] / 1000, "result": word}
    test.update({name: int(name == count) for name in COUNTS})
    return {"test_fqn": case["id"], "status": word, "test": test}


def kirk(runs, _):
    if len(runs) != 1:
        raise pipc_records.BadInput(
            "kirk's format has one environment: give one FILE")
    system = runs[0].header["system"]
    tests = [kirk_test(case) for case in cases_of(runs[0])]
    stats = {name: sum(test["test"][name] for test in tests)
             for name in COUNTS}
    stats["runtime"] = sum(test["test"]["duration"] for test in tests)
    # What pipc does not ask a system is empty.
    environment = {"distribution": system["os"],
                   "distribution_version": system["release"],
                   "kernel": system["version"], "arch": system["machine"],
                   "cpu": "", "swap": "", "RAM": ""}
    return json.dumps({"results": tests, "stats": stats,
                       "environment": environment}, indent=4) + "\n"


FORMATS = {"junit": junit, "kcidb": kcidb, "kirk": kirk, "ktap": ktap}


def main(name, arguments):
    parser = argparse.ArgumentParser(
        prog=f"pipc-report {name}",
        description="Writes what pipc-conform --json wrote in another format.")
    parser.add_argument("files", metavar="FILE.jsonl", nargs="+")
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="where to (standard output)")
    if name == "kcidb":
        parser.add_argument("--origin", help="the CI system that submits")
        parser.add_argument("--build-id", metavar="ORIGIN:ID",
                            help="the build that was tested")
        parser.add_argument("--run-id", metavar="ID",
                            help="tells this run from others (when it began)")
    options = parser.parse_args(arguments)
    text = FORMATS[name]([pipc_records.Run(f) for f in options.files], options)
    if options.output:
        pipc_records.write(options.output, text)
    else:
        sys.stdout.write(text)
    return 0
