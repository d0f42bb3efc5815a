#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Uses the page of pipc-matrix in headless Chromium, as a person would.

usage: browser.py PIPC-MATRIX [SCREENSHOT-DIRECTORY]

Speaks TAP. Chromium is driven through its DevTools pipe: the keys and clicks
are real ones, and whatever it logs is a failure."""

import base64
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import handmade


class Browser:
    """One page of a headless Chromium, with what it complained of."""

    def __init__(self, program, home):
        to_read, self.to = os.pipe()
        self.come, from_write = os.pipe()
        # Chromium reads descriptor 3 and writes 4, whatever they are here.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$0" "$@" 3<&{to_read} 4>&{from_write}',
             program, "--headless", "--remote-debugging-pipe", "--disable-gpu",
             "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
             f"--user-data-dir={home}", "about:blank"],
            pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.numbers, self.rest = itertools.count(1), b""
        self.session, self.complaints, self.events = None, [], []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=page,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.come, 1 << 20)
            if not more:
                raise SystemExit("Bail out! the browser has gone")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def note(self, event):
        method, params = event.get("method"), event.get("params", {})
        self.events.append(method)
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"])[:300])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(params["args"])[:300])
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])

    def call(self, method, **params):
        number = next(self.numbers)
        request = {"id": number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.to, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def load(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self.events:
            self.note(self.message())

    def js(self, code):
        answer = self.call("Runtime.evaluate", expression=code,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{code}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def click(self, code):
        """The middle of the element that the code gives."""
        x, y = self.js(f"(e => {{ e.scrollIntoView({{block: 'center'}}); const "
                       "r = e.getBoundingClientRect(); return [r.x + r.width "
                       f"/ 2, r.y + r.height / 2] }})({code})")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                      button="left", clickCount=1)

    def key(self, key):
        codes = {"Enter": (13, "\r"), "Escape": (27, ""), " ": (32, " "),
                 "ArrowLeft": (37, ""), "ArrowUp": (38, ""), "Tab": (9, ""),
                 "ArrowRight": (39, ""), "ArrowDown": (40, ""),
                 "Home": (36, ""), "End": (35, "")}
        code, text = codes[key]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key,
                      windowsVirtualKeyCode=code,
                      **({"text": text} if text and kind == "keyDown" else {}))

    def choose(self, name, value):
        self.js("(e => { e.value = %s; e.dispatchEvent(new Event('input', "
                "{bubbles: true})) })(document.getElementById('%s'))"
                % (json.dumps(value), name))

    def look(self, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        self.process.kill()
        self.process.wait()


def run(name, cases, whole=True, **head):
    """A log; cases are (id, req, outcome, verdict, quirk, notes)."""
    records = [handmade.case(case_id, result, quirk=quirk, notes=notes, req=req)
               for case_id, req, *result, quirk, notes in cases]
    log = handmade.run(handmade.header(**head), records)
    name.write_text(log if whole else log[:log.rindex("{")])
    return str(name)


def small(where):
    """Systems that differ, one that has nothing, and one that was not run."""
    one, two, three = ("sem.open.twice", ["SEM-016"]), (
        "mq.close.not-a-queue", ["MQ-044", "SEM-016"]), ("shm.size.exact", ["SHM-040"])
    ok, note = ("PASS", "ok", None, {}), ("NOTED", "ok", None)
    absent = ("UNSUPPORTED", "absent", None, {})
    unchecked = ("UNRESOLVED", "unchecked", None, {})
    (where / "d.not-run").write_text("no package for it\n")
    return [
        run(where / "nothing.jsonl", [(*case, *absent) for case in (
            one, two, three)], system={"libc": "dietlibc"}),
        str(where / "d.not-run"),
        run(where / "a.jsonl", [
            (*one, *ok), (*two, "FAIL", "xfail",
                          "linux.mq-close-any-descriptor", {}), (*three, *ok)]),
        run(where / "denied.jsonl", [
            (*one, *ok), (*two, *unchecked), (*three, *unchecked)], whole=False,
            capabilities={"mq": f"denied: {handmade.DENIED}"},
            system={"label": "denied"}),
        run(where / "b.jsonl", [
            (*one, *note, {"address": "another"}), (*two, *absent),
            (*three, "FAIL", "regression", None, {})],
            capabilities={"mq": f"broken: {handmade.BROKEN}"},
            system={"os": "FreeBSD", "release": "14.1"}),
        run(where / "c.jsonl", [
            (*one, *ok), (*two, "PASS", "xpass", "gone", {}), (*three, *ok)],
            backend="ref")]


def large(where):
    """60 columns of 500 cases."""
    names = []
    for column in range(60):
        cases = [(f"mq.large.case-{i}", ["MQ-001"],
                  *(("NOTED", "ok", None, {"value": str(i * column % 7)})
                    if i % 3 else ("PASS", "ok", None, {})))
                 for i in range(500)]
        names.append(run(where / f"large{column}.jsonl", cases,
                         system={"release": f"6.{column}"}))
    return names


def visible(browser, what):
    return browser.js(f"[...document.querySelectorAll('{what}')].filter("
                      "e => e.offsetParent !== null).length")


def detail(browser):
    return browser.js("document.getElementById('detail').open ? "
                      "document.getElementById('detail').innerText : ''")


CELL = ("[...document.querySelectorAll('tbody tr')].find(tr => tr.cells[0]"
        ".textContent === '%s').cells[%d]")


def checks(browser, matrix, where, shots):
    """Yields (name, is it so)."""
    def page(name, files):
        path = where / name
        subprocess.run([matrix, "-o", path, *files], check=True)
        browser.load(path.as_uri())
        return path

    browser.look(1200, 800, "light")
    page("small.html", small(where))
    yield "rows", visible(browser, "tbody tr") == 3
    yield "columns", visible(browser, "thead .column") == 6
    heads = browser.js("[...document.querySelectorAll('thead .column')].map("
                       "e => e.textContent)")
    yield "what-was-checked-comes-first", [word in head for word, head in zip((
        "3of 3", "backend ref3of 3", "FreeBSD 14.1 glibc 2.36 x86_642of 3",
        "denied: Linux 6.1 glibc 2.36 x86_641of 3",
        "dietlibc 2.36 x86_640of 3", "not run: no package for itnotrun"),
        heads)] == [True] * 6
    yield "not-whole-and-broken-are-marked", ["⚠" in h for h in heads] == [
        False, False, True, True, False, False]
    yield "little-checked", browser.js(
        "[...document.querySelectorAll('thead .column')].map(e => "
        "e.classList.contains('few'))") == [False] * 3 + [True] * 3
    counts = browser.js("[...document.querySelectorAll('tr.counts')].map(tr => "
                        "[...tr.cells].map(e => e.textContent).join())")
    yield "counts", counts == [
        "as expected,2,2,1,1,0,", "known deviations,1,0,0,0,0,",
        "stale quirks,0,1,0,0,0,", "regressions,0,0,1,0,0,",
        "unchecked,0,0,0,2,0,", "absent,0,0,1,0,3,", "cases,3,3,3,3,3,"]
    yield "red-counts", browser.js("[...document.querySelectorAll('.counts "
                                   ".bad')].length") == 2
    looks = browser.js(
        "[...document.querySelectorAll('tbody td')].map(e => e.className + "
        "getComputedStyle(e).backgroundColor + getComputedStyle(e)"
        ".backgroundImage)")
    yield "unchecked-does-not-look-passed", all(
        "gradient" in look for look in looks if "unchecked" in look) and not {
        look.split(" ", 1)[1].partition("rgb")[2] for look in looks
        if "pass" in look} & {look.split(" ", 1)[1].partition("rgb")[2]
                              for look in looks if "absent" in look}
    light = browser.js("getComputedStyle(document.body).backgroundColor")
    if shots:
        browser.screenshot(shots / "light.png")
    browser.look(1200, 800, "dark")
    dark = browser.js("getComputedStyle(document.body).backgroundColor")
    yield "dark", sum(map(int, light[4:-1].split(","))) > 600 > \
        sum(map(int, dark[4:-1].split(","))) + 300
    if shots:
        browser.screenshot(shots / "dark.png")

    browser.choose("systems", "freebsd")
    yield "filter-systems", visible(browser, "thead .column") == 1
    browser.choose("systems", "ref")
    yield "filter-backend", visible(browser, "thead .column") == 1
    browser.choose("systems", "")
    browser.choose("area", "sem")
    yield "filter-area", visible(browser, "tbody tr") == 1
    browser.choose("area", "")
    browser.choose("kind", "regression")
    yield "filter-outcome", visible(browser, "tbody tr") == 1
    browser.choose("kind", "unchecked")
    yield "filter-unchecked", visible(browser, "tbody tr") == 2
    browser.choose("kind", "")
    browser.choose("text", "MQ-044")
    yield "filter-words", visible(browser, "tbody tr") == 1
    browser.choose("text", "no such words")
    yield "nothing-left", visible(browser, "#empty") == 1
    browser.choose("text", "")
    browser.choose("class", "R")
    some = visible(browser, "tbody tr")
    browser.choose("class", "M")
    yield "filter-class", 0 < some < 3 and visible(browser, "tbody tr") < 3
    browser.choose("class", "")
    browser.click("document.getElementById('differences')")
    yield "only-differences", visible(browser, "tbody tr") == 3
    browser.choose("systems", "Linux 6.1")
    yield "differences-of-shown", visible(browser, "tbody tr") == 3
    browser.choose("systems", "Linux 6.1 glibc ref")
    yield "one-has-no-differences", visible(browser, "tbody tr") == 0
    browser.choose("systems", "")
    browser.click("document.getElementById('differences')")

    browser.click(CELL % ("mq.close.not-a-queue", 1))
    text = detail(browser)
    yield "click-message", "expected 1, got 2" in text
    yield "click-quirk", "linux.mq-close-any-descriptor" in text and \
        "closes any file descriptor" in text and "seen on Linux" in text
    yield "text-is-text", "</script><b>&" in text
    browser.key("Escape")
    yield "escape-closes", detail(browser) == ""
    browser.click(CELL % ("sem.open.twice", 3))
    yield "click-values", "address = another" in detail(browser)
    browser.click("document.getElementById('close')")
    browser.click("document.querySelectorAll('thead .column button')[5]")
    yield "click-column", "not run" in detail(browser)
    browser.key("Escape")
    browser.click("document.querySelectorAll('thead .column button')[3]")
    text = detail(browser)
    yield "column-says-what-is-missing", all(word in text for word in (
        "1 of 3 cases", "not finished: it was cut off", handmade.DENIED,
        "2 cases"))
    browser.key("Escape")
    browser.click("document.querySelectorAll('thead .column button')[2]")
    yield "column-says-what-is-broken", f"mq: {handmade.BROKEN}" in detail(
        browser)
    browser.key("Escape")

    browser.js("document.querySelector('td[tabindex=\"0\"]').focus()")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft"):
        browser.key(key)
    browser.key("Enter")
    yield "keys", detail(browser).startswith("✕") and \
        "sem.open.twice" in detail(browser) and "backend ref" in detail(
            browser)
    browser.key("Escape")
    browser.key("End")
    yield "end-key", browser.js("document.activeElement.cellIndex") == 6

    browser.choose("view", "requirements")
    yield "requirements", browser.js("document.querySelector('tbody th')"
                                     ".textContent") == "MQ-044"
    # In that column one case passed and the other was not checked.
    yield "passed-and-unchecked-is-unchecked", browser.js(
        CELL % ("SEM-016", 4) + ".className") == "cell unchecked"
    browser.click(CELL % ("MQ-044", 2))
    yield "requirement-cases", "mq.close.not-a-queue" in detail(browser)
    browser.click("document.querySelector('dialog dd button')")
    yield "to-the-case", "xpass" in detail(browser)
    browser.key("Escape")
    browser.choose("view", "cases")

    browser.look(390, 800, "light")
    wide = browser.js("document.documentElement.scrollWidth")
    yield "phone", wide <= 390 and visible(browser, "tbody tr") == 3
    if shots:
        browser.screenshot(shots / "phone.png")
    browser.click(CELL % ("shm.size.exact", 3))
    yield "phone-detail", "expected 1, got 2" in detail(browser)
    if shots:
        browser.screenshot(shots / "phone-detail.png")
    browser.key("Escape")

    browser.look(1200, 800, "light")
    start = time.monotonic()
    path = page("large.html", large(where))
    took = time.monotonic() - start
    print(f"# 60 columns, 500 rows: {path.stat().st_size} bytes, "
          f"made and shown in {took:.2f} s")
    yield "large", visible(browser, "tbody tr") == 500
    browser.js("window.took = -performance.now()")
    browser.choose("text", "case-49")
    took = browser.js("document.body.offsetHeight, took + performance.now()")
    print(f"# a filter took {took:.0f} ms there")
    yield "large-filter", visible(browser, "tbody tr") == 11 and took < 3000
    yield "no-complaint", not browser.complaints
    for line in browser.complaints:
        print("#", line.replace("\n", " "))


def main():
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        print("1..0 # SKIP no chromium")
        return
    shots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        where, number = pathlib.Path(name), 0
        browser = Browser(program, where / "home")
        try:
            for what, good in checks(browser, sys.argv[1], where, shots):
                number += 1
                print(f"{'ok' if good else 'not ok'} {number} - {what}")
        finally:
            browser.close()
        print(f"1..{number}")


main()
