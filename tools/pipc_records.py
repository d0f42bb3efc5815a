# SPDX-License-Identifier: BSD-3-Clause
"""Reads the JSON Lines that pipc-conform and pipc-stress write."""

import argparse
import difflib
import json
import sys


class BadInput(Exception):
    """What is wrong with the input, in one line."""


class Arguments(argparse.ArgumentParser):
    """A command line, of which one line says what is wrong with it."""

    def error(self, message):
        bad = message.removeprefix("unrecognized arguments: ").split()[0]
        near = difflib.get_close_matches(bad, self._option_string_actions)
        hint = f"; did you mean '{near[0]}'?" if near else "; see --help"
        self.exit(2, f"{self.prog}: {message}{hint}\n")


def read(name):
    """The records of a file ("-": standard input), checked as far as needed."""
    records = []
    try:
        with (sys.stdin if name == "-" else open(name, encoding="utf-8")) as f:
            for number, line in enumerate(f, 1):
                if not line.strip():
                    continue
                try:
                    record = json.loads(line)
                except ValueError as error:
                    raise BadInput(f"{name}:{number}: not JSON: {error}") from None
                if not isinstance(record, dict) or "record" not in record:
                    raise BadInput(f"{name}:{number}: not a record of pipc")
                records.append(record)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"cannot read '{name}': {reason}") from None
    if not records or records[0]["record"] != "header":
        raise BadInput(f"'{name}' does not begin with a header record")
    if records[0].get("schema") != 1:
        raise BadInput(f"'{name}' has a schema other than 1: "
                       f"{records[0].get('schema')!r}")
    return records


def write(name, text):
    try:
        with open(name, "w", encoding="utf-8") as f:
            f.write(text)
    except OSError as error:
        raise BadInput(f"cannot write '{name}': {error.strerror}") from None


class Run:
    """One file of pipc-conform: header, cases by id, whether it is whole."""

    def __init__(self, name):
        records = read(name)
        if records[0].get("program") != "pipc-conform":
            raise BadInput(f"'{name}' was written by "
                           f"'{records[0].get('program')}', not pipc-conform")
        self.name = name
        self.header = records[0]
        self.cases = {}
        for record in records:
            if record["record"] == "case":
                self._add(record)
        self.whole = (records[-1]["record"] == "summary"
                      and not records[-1]["interrupted"])

    def _add(self, case):
        # Of a repeated case the worst run counts.
        worst = ("regression", "xpass", "xfail", "ok")
        old = self.cases.get(case["id"])
        if old is None or (worst.index(case["verdict"])
                           < worst.index(old["verdict"])):
            self.cases[case["id"]] = case

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
