# SPDX-License-Identifier: BSD-3-Clause
"""Reads the JSON Lines that pipc-conform and pipc-stress write."""

import argparse
import difflib
import io
import json
import pathlib
import sys

RECORD = '{"record":'
GOOD = ("PASS", "NOTED")
UNSEEN = ("UNSUPPORTED", "UNRESOLVED")    # nothing was checked
OUTCOMES = GOOD + UNSEEN + ("FAIL", "TIMEOUT", "CRASH", "LEAK")
# The worst first: of several runs of a case the worst counts.
VERDICTS = ("regression", "xpass", "unchecked", "xfail", "absent", "ok")
RED = ("regression", "xpass")
STATES = ("present", "absent", "denied", "broken")    # of a capability


class BadInput(Exception):
    """What is wrong with the input, in one line."""


class Arguments(argparse.ArgumentParser):
    """A command line, of which one line says what is wrong with it."""

    def error(self, message):
        bad = message.removeprefix("unrecognized arguments: ").split()[0]
        near = difflib.get_close_matches(bad, self._option_string_actions)
        hint = f"; did you mean '{near[0]}'?" if near else "; see --help"
        self.exit(2, f"{self.prog}: {message}{hint}\n")


def say(text):
    """A remark about the input that is not an error."""
    print(f"{pathlib.Path(sys.argv[0]).name}: {text}", file=sys.stderr)


def whole(text):
    """The record that a text is; None when it was cut."""
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record["record"], str) else None


def pieces(line):
    """The records of a line, most often one; None for one that was cut."""
    # A kernel may write into the line before a record begins; a comment of
    # TAP only quotes.
    at = -1 if line.startswith("#") else line.find(RECORD)
    if at < 0:
        return []
    record = whole(line[at:])
    if record is not None:
        return [record]
    # After "cat" a header may come behind what was cut.
    later = line.rfind(f'{RECORD}"header"', at + 1)
    header = whole(line[later:]) if later > 0 else None
    return [None] if header is None else [None, header]


def opened(name):
    # A console may have written anything between the records.
    stream = sys.stdin.buffer if name == "-" else open(name, "rb")
    return io.TextIOWrapper(stream, encoding="utf-8", errors="replace")


def records_in(name, lines):
    """The records among lines; says what was cut and what was passed over."""
    records, others, cut = [], [], None
    for number, line in enumerate(lines, 1):
        # What was not written before a panic may be zero bytes.
        line = line.strip("\0 \t\r\n")
        if line and not line.startswith(RECORD):
            others.append(number)
        for record in pieces(line) if line else []:
            resumed = record is not None and record.get("resumed")
            if cut is not None and not resumed:
                raise BadInput(f"{name}:{cut}: this record is damaged, and is "
                               "not the last one of a run")
            if record is None:
                cut = number
                continue
            if cut is not None:
                say(f"{name}:{cut}: this record was cut; it is left out")
                cut = None
            records.append(record)
    if cut is not None:
        say(f"{name}:{cut}: the last record was cut; it is left out")
    if others and records:
        say(f"{name}: {len(others)} line{'s' * (len(others) > 1)} passed over "
            f"that are not records; the first is line {others[0]}")
    return records


def read(name):
    """The records of a file ("-": standard input).

    The last record, and the last before the header of a resumed run, may be
    cut. Lines that are not records come from a console and are passed over."""
    try:
        with opened(name) as lines:
            records = records_in(name, lines)
    except OSError as error:
        raise BadInput(f"cannot read '{name}': {error.strerror}") from None
    if not records:
        raise BadInput(f"'{name}' has no record of pipc")
    if records[0]["record"] != "header":
        raise BadInput(f"'{name}' does not begin with a header record")
    if records[0].get("schema") not in (1, 2):
        raise BadInput(f"'{name}' has a schema other than 1 and 2: "
                       f"{records[0].get('schema')!r}")
    return records


def write(name, text):
    try:
        with open(name, "w", encoding="utf-8") as f:
            f.write(text)
    except OSError as error:
        raise BadInput(f"cannot write '{name}': {error.strerror}") from None


def state_of(text):
    """State and reason of a capability, of a header of either schema."""
    state, _, why = text.partition(": ")
    if state == "unresolved":
        state = "denied"          # as schema 1 calls it
    if state not in STATES:
        raise BadInput(f"not the state of a capability: '{text}'")
    return state, why


def verdict_of(case):
    """The verdict; what was not checked is not "ok", as it was in schema 1."""
    verdict = case["verdict"]
    if verdict == "ok" and case["outcome"] in UNSEEN:
        return "absent" if case["outcome"] == "UNSUPPORTED" else "unchecked"
    return verdict


class Run:
    """One file of pipc-conform: header, cases by id, whether it is whole.

    A run that was resumed has several headers; it is one run."""

    def __init__(self, name):
        records = read(name)
        self.name, self.cases = name, {}
        self.header = self.capabilities = None
        self.begun, self.ended, self.summary = {}, set(), None
        for record in records:
            try:
                self._take(record)
            except (KeyError, TypeError, AttributeError) as error:
                raise BadInput(f"'{name}': a {record['record']} record lacks, "
                               f"or has a wrong, {error}") from None
        # What the page and other formats show.
        self.header["capabilities"] = {
            key: state + (f": {why}" if state != "present" else "")
            for key, (state, why) in self.capabilities.items()}

    def _take(self, record):
        kind = record["record"]
        self.summary = None       # unless it is the last one
        if kind == "header":
            self._header(record)
        elif kind == "begin":
            self.begun[record["id"], record["run"]] = True
        elif kind == "case":
            self._case(record)
        elif kind == "summary":
            self.summary = record

    def _header(self, header):
        if header.get("program") != "pipc-conform":
            raise BadInput(f"'{self.name}' was written by "
                           f"'{header.get('program')}', not pipc-conform")
        states = {name: state_of(text)
                  for name, text in header["capabilities"].items()}
        if self.header is None:
            self.header, self.capabilities = header, states
            return
        if not header.get("resumed"):
            raise BadInput(f"'{self.name}' has two runs; give each its own "
                           "file")
        same = ("backend", "mutant")
        if ([self.header[key] for key in same] != [header[key] for key in same]
                or any(self.header["system"].get(key)
                       != header["system"].get(key)
                       for key in ("os", "machine", "libc"))):
            raise BadInput(f"'{self.name}': the run that was resumed is of "
                           "another system or backend")
        for name, state in states.items():    # the worse one counts
            old = self.capabilities.get(name, ("present", ""))
            self.capabilities[name] = max(
                old, state, key=lambda s: STATES.index(s[0]))

    def _case(self, case):
        if case["outcome"] not in OUTCOMES or case["verdict"] not in VERDICTS:
            raise BadInput(f"'{self.name}': {case['id']}: no such outcome or "
                           f"verdict: {case['outcome']}, {case['verdict']}")
        case["verdict"] = verdict_of(case)
        self.ended.add((case["id"], case["run"]))
        old = self.cases.get(case["id"])
        if old is None or (VERDICTS.index(case["verdict"])
                           < VERDICTS.index(old["verdict"])):
            self.cases[case["id"]] = case

    def unfinished(self):
        """Cases that began and have no result."""
        return [case_id for case_id, run in self.begun
                if (case_id, run) not in self.ended]

    def trouble(self):
        """Why the run is not a whole one, in words; empty if it is."""
        began = ", ".join(self.unfinished()[:3])
        if not self.cases:
            return ("learned nothing: no case has a result"
                    + (f"; {began} began" if began else ""))
        if self.header.get("resumed"):
            return "not finished: the run that was resumed is not in this file"
        if self.summary is None:
            return (f"not finished: it ends in {began}" if began else
                    "not finished: it was cut off")
        if self.summary["interrupted"]:
            return "not finished: it was interrupted" + (
                f" in {began}" if began else "")
        return f"not finished: {began} has no result" if began else ""

    @property
    def whole(self):
        return not self.trouble()

    def counts(self):
        """How many cases have each verdict; how many of all were checked."""
        count = {verdict: 0 for verdict in VERDICTS}
        for case in self.cases.values():
            count[case["verdict"]] += 1
        count["checked"] = sum(case["outcome"] not in UNSEEN
                               for case in self.cases.values())
        count["total"] = len(self.cases)
        return count

    def broken(self):
        """(Capability, reason) of those that answer wrongly.

        Its case is red; where that is a known deviation it is none of these."""
        return [(name, why) for name, (state, why) in self.capabilities.items()
                if state == "broken" and self.cases.get(case_of(name), {}).get(
                    "verdict") != "xfail"]

    def unchecked(self):
        """What should have been checked and was not, by its causes."""
        missed = [case for case in self.cases.values()
                  if case["verdict"] == "unchecked"]
        if (self.summary and self.summary.get("unchecked")
                and self.summary["verdicts"].get("unchecked") == len(missed)):
            return [cause for cause in self.summary["unchecked"]
                    if cause["cases"] or len(self.summary["unchecked"]) == 1]
        causes = {}
        for case in missed:
            why = case["why"] or "no reason given"
            name, colon, rest = why.partition(": ")
            lacks = colon and name in self.capabilities
            key = (name, rest) if lacks else ("", why)
            cause = causes.setdefault(key, {
                "what": name if lacks else case["id"], "cases": 0,
                "why": key[1], "remedy": None})
            cause["cases"] += 1
        return list(causes.values())

    def label(self):
        """Who this is, for people: what tells one column from others."""
        system = self.header["system"]
        libc = f"{system['libc']} {system['libc_version']}".strip()
        parts = [system["os"], system["release"], libc, system["machine"]]
        if system.get("emulator"):
            parts.append(f"in {system['emulator']}")
        if self.header["backend"] != "system":
            parts.append(f"backend {self.header['backend']}")
        if self.header.get("mutant"):
            parts.append(f"mutant {self.header['mutant']}")
        name = f"{system['label']}: " if system.get("label") else ""
        return name + " ".join(part for part in parts if part)


def case_of(capability):
    """The id of the case that reports on a capability."""
    return "capability." + capability.replace("_", "-")


def cause_words(cause):
    """A cause of Run.unchecked() as pipc-conform prints it."""
    remedy = f"; remedy: {cause['remedy']}" if cause["remedy"] else ""
    plural = "" if cause["cases"] == 1 else "s"
    return (f"{cause['what']}, {cause['cases']} case{plural}: "
            f"{cause['why']}{remedy}")


def main(program, work):
    """Runs work() as a program: bad input is one line and status 2."""
    try:
        sys.exit(work())
    except BadInput as error:
        print(f"{program}: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
