# SPDX-License-Identifier: MIT
"""Reads the Test Anything Protocol out of a program's or a machine's output.

Lines `ok N - name`, `not ok N - name`, a plan `1..N` at the start or the end, and comments, which
belong to the result after them. Anything else is ignored: kernel messages share the line.
"""
import re

RESULT = re.compile(r"^(not ok|ok)\b\s*(\d+)?\s*-?\s*(.*?)\s*$")
PLAN = re.compile(r"^1\.\.(\d+)\s*$")
DONE = "TAP done"


def parse(text, prefix):
    """Results of `text`, names with `prefix`; a missing or wrong plan is a failed result."""
    results, comments, plan = [], [], None
    for line in text.replace("\r", "").split("\n"):
        match = RESULT.match(line)
        if match:
            name = match[3] or match[2] or "unnamed"
            results.append((f"{prefix}/{name}", match[1] == "ok", "\n".join(comments)))
            comments = []
        elif line.startswith("#"):
            comments.append(line[1:].strip())
        elif PLAN.match(line):
            plan = int(PLAN.match(line)[1])
    if plan is None:
        results.append((f"{prefix}: plan", False, "there was no plan line 1..N"))
    elif plan != len(results):
        results.append((f"{prefix}: plan", False, f"the plan has {plan} tests, {len(results)} ran"))
    return results
