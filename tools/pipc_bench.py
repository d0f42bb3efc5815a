# SPDX-License-Identifier: BSD-3-Clause
"""Two backends side by side, from one run of pipc-stress: Markdown tables."""
import math
import random
import statistics

# Cells in which speed is a rate; in all others it is the median time.
RATES = ("mq/stream", "mq/crowd", "mq/fair")
RESAMPLES = 2000


def interval(values, middle=statistics.median):
    """The middle of the values and its 95 % interval, by bootstrap."""
    chance = random.Random(1)
    drawn = sorted(middle(chance.choices(values, k=len(values)))
                   for _ in range(RESAMPLES))
    return (middle(values), drawn[RESAMPLES * 25 // 1000],
            drawn[RESAMPLES * 975 // 1000])


def geometric(values):
    return math.exp(statistics.mean(math.log(v) for v in values))


def speeds(cell):
    """Of each round: bigger is faster."""
    if cell["workload"] in RATES:
        return cell["rate"]["rounds"]
    return [t and 1e9 / t for t in cell["median_ns"]["rounds"]]


def compare(fast, slow):
    """How many times faster, round by round: what drifts drifts in both."""
    a, b = speeds(fast), speeds(slow)
    ratios = [x / y for x, y in zip(a, b) if x > 0 and y > 0]
    return interval(ratios) if ratios else None


def quantity(value, unit=""):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return "%.3g %s%s" % (value / size, letter, unit)
    return ("%.3g %s" % (value, unit)).strip()


def time(ns):
    for size, letter in ((1e9, "s"), (1e6, "ms"), (1e3, "\u00b5s")):
        if ns >= size:
            return "%.3g %s" % (ns / size, letter)
    return "%.3g ns" % ns


def speed(cell):
    if cell["workload"] in RATES:
        return quantity(cell["rate"]["median"], "/s")
    return time(cell["median_ns"]["median"])


def spread(values):
    return "%.2f [%.2f %.2f]" % values


class Bench:
    """One run's cells, by what they measure and by backend."""

    def __init__(self, run):
        self.header = run["header"]
        self.summary = run["summary"] or {}
        self.names = self.header["backend"].split(",")
        self.cells = {}
        for cell in run["cells"]:
            what = cell["id"].split(":")[0]
            self.cells.setdefault(what, {})[cell["backend"]] = cell

    def get(self, what, backend):
        cell = self.cells.get(what, {}).get(backend)
        return cell if cell and cell["outcome"] == "PASS" else None

    def ratio(self, what, backend):
        """How many times faster than the first backend."""
        fast, slow = self.get(what, backend), self.get(what, self.names[0])
        if not fast or not slow or self.unlike(what):
            return None
        return compare(fast, slow)

    def unlike(self, what):
        """Streams through queues of other depths are no comparison."""
        cells = [self.get(what, name) for name in self.names]
        depths = [c["notes"].get("capacity", 0) for c in cells
                  if c and c["workload"] in RATES]
        return depths if len(set(depths)) > 1 else None

    def cost(self, what, backend, than, other="system", less=0):
        """The time of a cell, less the clock's, in those of another."""
        slow, fast = self.get(what, backend), self.get(than, other)
        if not slow or not fast:
            return None
        costs = [(a - less) / b for a, b in
                 zip(slow["median_ns"]["rounds"], fast["median_ns"]["rounds"])
                 if a > 0 and b > 0]
        return interval(costs) if costs else None


def at_least(text, got, goal):
    return (text, spread(got), ">= %g" % goal, got[0] >= goal) if got else None


def at_most(text, got, goal):
    return (text, spread(got), "<= %g" % goal, got[0] <= goal) if got else None


def pairs(b, ref):
    for size, goal in (("16", 9.5), ("1024", 9), ("8192", 7)):
        yield at_least("send and receive, %s B" % size,
                       b.ratio("mq/pair/%s@one" % size, ref), goal)
    yield at_most("65,000 deep with 32,768 priorities, times an empty queue",
                  b.cost("mq/depth/any-65000@one", ref,
                         "mq/depth/any-empty@one", ref), 1.5)


def pingpongs(b, ref):
    clock = (b.header["calibration_ns"] or {}).get("clock") or 0
    for what, size, goal in (("16", "16 B", 1.5), ("8192", "8 KiB", 1.8)):
        yield at_least("ping-pong of %s, one core" % size,
                       b.ratio("mq/pingpong/%s@one" % what, ref), goal)
    for what, text, goal in (("mq/pingpong/16@two", "ping-pong of 16 B", 3),
                             ("sem/pingpong@two", "semaphore ping-pong", 1.5)):
        yield at_most(text + ", two cores, in cache-line round trips",
                      b.cost(what, ref, "line/pingpong@two", less=clock), goal)


def streams(b, ref):
    for what, text, goal in (
            ("10@one", "16 B, 10 deep, one core", 4),
            ("10@two", "16 B, 10 deep, two cores", 3.5),
            ("1024@one", "16 B, 1024 deep, one core", 9),
            ("1024@two", "16 B, 1024 deep, two cores", 3),
            ("10-8192@two", "8 KiB, 10 deep, two cores", 2.5)):
        yield at_least("stream of " + text,
                       b.ratio("mq/stream/" + what, ref), goal)


def crowds(b, ref):
    got = [b.ratio("mq/crowd/" + n + m, ref)
           for n in ("2x2", "4x4", "8x1", "1x8") for m in ("", "-1024")]
    got = [r for r in got if r]
    if got:
        text = "senders x receivers, %d cells: " % len(got)
        yield at_least(text + "the slowest", min(got), 2.5)
        mean = geometric([r[0] for r in got])
        yield text + "geometric mean", "%.2f" % mean, ">= 5", mean >= 5
    for what in ("1x8", "1x8-1024", "8x1", "8x1-1024"):
        cell = b.get("mq/fair/" + what, ref)
        if cell:
            jain = cell["fairness"]["jain"]
            yield ("fair mode, %s: Jain index" % what, "%.2f" % jain,
                   ">= 0.75", jain >= .75)
            yield at_least("fair mode, %s: speed" % what,
                           b.ratio("mq/fair/" + what, ref), 1.5)


def others(b, ref):
    yield at_least("semaphore post and wait, alone",
                   b.ratio("sem/alone@one", ref), 1)
    for call in ("sem", "mq-receive"):
        for wait in ("100us", "1ms"):
            yield at_most("lateness of %s after %s, times a futex's"
                          % (call, wait),
                          b.cost("timeout/%s/%s" % (call, wait), ref,
                                 "futex/timeout/" + wait), 1.1)
    for what in ("mq/idle/1s", "sem/idle/1s"):
        cell = b.cells.get(what, {}).get(ref)
        if cell:
            held = cell["outcome"] == "PASS"
            yield (what + ": idle wake-ups", "0" if held else cell["why"],
                   "0", held)
    yield at_most("queue create to unlink, times sem_open(O_EXCL)'s",
                  b.cost("mq/create@one", ref, "sem/create@one", b.names[0]),
                  1.5)
    few, many = (b.get("mq/memory/%s@one" % n, ref) for n in ("10", "256"))
    if few and many:
        touched = [c["notes"].get("pages", 0) for c in (few, many)]
        yield ("pages touched by 4 messages, capacity %d and %d"
               % (few["notes"]["capacity"], many["notes"]["capacity"]),
               "%d, %d" % tuple(touched), "the same",
               touched[1] <= touched[0] + 2)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |",
             "| --- |" + " ---: |" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def about(b):
    h, host = b.header, b.header["host"]
    control = b.summary.get("control")
    lines = [
        "%s, pipc %s, %s %s %s, %s %s, %d cores%s, load %.1f."
        % (h["started"], h["version"], h["system"]["os"],
           h["system"]["release"], h["system"]["machine"],
           h["system"]["libc"], h["system"]["libc_version"], host["cpus"],
           " (virtual)" if host["hypervisor"] else "", host["load"] or 0),
        "", "    " + h["command"], "",
        "Backends took turns in every round. A time is the median of the "
        "rounds' medians,",
        "a ratio the median of the rounds' ratios with its 95 % interval by "
        "bootstrap."]
    if control:
        lines.append("A/A control of rates %.3f%s." % (
            control, ": noisy" if b.summary["noisy"] else ""))
    same = [b.get("control/pair/%s@one" % x, "system") for x in "ab"]
    if all(same):
        lines.append("A/A control of medians %s." % spread(compare(*same)))
    if b.summary.get("interrupted", True):
        lines.append("The run did not come to its end.")
    return lines


def calibration(b):
    known = [(k.replace("_", " "), v)
             for k, v in (b.header["calibration_ns"] or {}).items()
             if isinstance(v, (int, float))]
    return table(["here, ns"] + [k for k, _ in known],
                 [["median"] + ["%.0f" % v for _, v in known]])


def cell_rows(b):
    for what, on in b.cells.items():
        first = b.get(what, b.names[0])
        row = [what]
        for name in b.names:
            cell = b.get(what, name)
            row.append(speed(cell) if cell else "-")
        for name in b.names[1:]:
            ratio = b.ratio(what, name) if name in on else None
            row.append(spread(ratio) if ratio and first else "-")
            row.append(less_cpu(first, b.get(what, name))
                       if ratio and first else "-")
        yield row


def less_cpu(first, cell):
    """Of all processes, and with what the harness does for an operation."""
    ours = cell["cpu_us_per_op"]
    return "%.2f" % (first["cpu_us_per_op"] / ours) if ours else "-"


def left_out(b):
    return ["- %s: queues %s deep" % (what, " and ".join(map(str, depths)))
            for what, depths in ((w, b.unlike(w)) for w in b.cells)
            if depths] + [
            "- %s on %s: %s: %s" % (what, name, cell["outcome"], cell["why"])
            for what, on in b.cells.items() for name, cell in on.items()
            if cell["outcome"] != "PASS"]


def goal_rows(b, name):
    for part in (pairs, pingpongs, streams, crowds, others):
        for row in part(b, name):
            if row:
                yield [row[0], row[1], row[2], "yes" if row[3] else "**no**"]


def markdown(run):
    b = Bench(run)
    lines = about(b) + [""] + calibration(b) + [""]
    lines += table(["cell"] + b.names + [head % n for n in b.names[1:] for head
                                         in ("%s, times as fast [95 %%]",
                                             "%s, times less CPU")],
                   cell_rows(b))
    for name in b.names[1:]:
        lines += ["", "`%s`, times as fast as `%s` unless said otherwise:"
                  % (name, b.names[0]), ""]
        lines += table(["", "measured", "goal", "met"], goal_rows(b, name))
    out = left_out(b)
    if out:
        lines += ["", "Left out or broken:", ""] + out
    return "\n".join(lines)
