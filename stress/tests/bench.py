# SPDX-License-Identifier: BSD-3-Clause
"""The tables of pipc-report bench, from made-up rounds: bench.py SRCDIR"""
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tools")
import pipc_bench  # noqa: E402


def cell(what, backend, times=None, rates=None, outcome="PASS", **more):
    """Times and rates are those of the rounds."""
    suffix = "" if backend == "system" else ":" + backend
    record = {"id": what + suffix, "backend": backend, "outcome": outcome,
              "workload": "/".join(what.split("/")[:2]), "notes": {},
              "fairness": {"jain": .5}, "cpu_us_per_op": 3}
    for key, rounds in (("median_ns", times), ("rate", rates)):
        rounds = rounds or [1]
        record[key] = {"rounds": rounds,
                       "median": sorted(rounds)[len(rounds) // 2]}
    record.update(more)
    return record


def rows(cells):
    header = {
        "backend": "system,ref", "started": "2026-11-26T00:00:00Z",
        "version": "0", "command": "pipc-stress", "system": {
            "os": "O", "release": "1", "machine": "m", "libc": "c",
            "libc_version": "2"},
        "host": {"cpus": 2, "hypervisor": True, "load": 1},
        "calibration_ns": {"clock": 20}}
    summary = {"control": 1.2, "noisy": True, "interrupted": False}
    return pipc_bench.markdown({"header": header, "cells": cells,
                                "summary": summary}).split("\n")


def has(lines, wanted):
    assert any(wanted in line for line in lines), "\n".join([wanted] + lines)


# Drift that both share does not widen the interval: each round is ten times.
lines = rows([cell("mq/pair/16@one", "system", [1000, 2000, 3000]),
              cell("mq/pair/16@one", "ref", [100, 200, 300],
                   cpu_us_per_op=1.5),
              cell("mq/pair/1024@one", "system", [100]),
              cell("mq/pair/1024@one", "ref", [50]),
              cell("control/pair/a@one", "system", [100]),
              cell("control/pair/b@one", "system", [90])])
has(lines, "A/A control of medians 0.90 [0.90 0.90].")
has(lines, "| mq/pair/16@one | 2 µs | 200 ns | 10.00 [10.00 10.00] | 2.00 |")
has(lines, "| send and receive, 16 B | 10.00 [10.00 10.00] | >= 9.5 | yes |")
has(lines, "| send and receive, 1024 B | 2.00 [2.00 2.00] | >= 9 | **no** |")
has(lines, "A/A control of rates 1.200: noisy.")

# Streams and crowds: rates, the slowest and the geometric mean; fairness.
lines = rows([cell("mq/crowd/2x2", "system", rates=[100]),
              cell("mq/crowd/2x2", "ref", rates=[200]),
              cell("mq/crowd/1x8", "system", rates=[100]),
              cell("mq/crowd/1x8", "ref", rates=[1800]),
              cell("mq/fair/1x8", "system", rates=[100]),
              cell("mq/fair/1x8", "ref", rates=[150])])
has(lines, "| mq/crowd/1x8 | 100 /s | 1.8 k/s | 18.00 [18.00 18.00] | 1.00 |")
has(lines, "2 cells: the slowest | 2.00 [2.00 2.00] | >= 2.5 | **no** |")
has(lines, "2 cells: geometric mean | 6.00 | >= 5 | yes |")
has(lines, "| fair mode, 1x8: Jain index | 0.50 | >= 0.75 | **no** |")
has(lines, "| fair mode, 1x8: speed | 1.50 [1.50 1.50] | >= 1.5 | yes |")

# A system that grants less depth is not compared.
lines = rows([cell("mq/stream/1024@one", "system", notes={"capacity": 10}),
              cell("mq/stream/1024@one", "ref", notes={"capacity": 1024})])
has(lines, "| mq/stream/1024@one | 1 /s | 1 /s | - | - |")
has(lines, "- mq/stream/1024@one: queues 10 and 1024 deep")

# Against the machine's own steps, less one reading of the clock.
lines = rows([cell("line/pingpong@two", "system", [100]),
              cell("mq/pingpong/16@two", "ref", [320]),
              cell("sem/pingpong@two", "ref", [220]),
              cell("futex/timeout/1ms", "system", [100]),
              cell("timeout/sem/1ms", "ref", [111])])
has(lines, "two cores, in cache-line round trips | 3.00 [3.00 3.00] | <= 3 | yes |")
has(lines, "two cores, in cache-line round trips | 2.00 [2.00 2.00] | <= 1.5 | **no** |")
has(lines, "of sem after 1ms, times a futex's | 1.11 [1.11 1.11] | <= 1.1 | **no** |")

# What did not pass is no number.
lines = rows([cell("mq/pair/16@one", "system", [100]),
              cell("mq/pair/16@one", "ref", [1], outcome="FAIL", why="lost"),
              cell("mq/idle/1s", "ref", outcome="FAIL", why="woke up"),
              cell("mq/depth/any-65000@one", "ref", [300]),
              cell("mq/depth/any-empty@one", "ref", [100])])
has(lines, "| mq/pair/16@one | 100 ns | - | - | - |")
has(lines, "- mq/pair/16@one on ref: FAIL: lost")
has(lines, "| mq/idle/1s: idle wake-ups | woke up | 0 | **no** |")
has(lines, "times an empty queue | 3.00 [3.00 3.00] | <= 1.5 | **no** |")
