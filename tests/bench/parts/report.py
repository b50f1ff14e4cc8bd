# SPDX-License-Identifier: MIT
"""Prints rows of table.combine as text."""
COLUMNS = ["operation", "ours", "Linux", "ours/Linux", "seL4*", "target", "", "switches", "flushes", "IPIs", "wall"]


def number(n):
    return "-" if n is None else f"{n:,}"


def ratio(a, b):
    return "-" if a is None or not b else f"{a / b:.3f}"


def verdict(record):
    if record["passed"] is None:
        return ""
    if record["passed"]:
        return "pass"
    return f"MISS {record['anonymos'] / record['target'] - 1:+.0%}"


def cells(row, record):
    return [row.name, number(record["anonymos"]), number(record["linux"]),
            ratio(record["anonymos"], record["linux"]), number(row.sel4), number(record["target"]),
            verdict(record), number(record["switches"]), number(record["tlb_flushes"]),
            number(record["ipis"]), number(record["wall_ratio"])]


def table(rows):
    lines = [COLUMNS] + [cells(row, record) for row, record, _, _ in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    for line in lines:
        yield "  ".join([line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:])]).rstrip()


def markdown(rows):
    """The table of docs/performance.md."""
    yield "| operation | ours | Linux | seL4* | target | | switches | flushes | IPIs | wall |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row, record, _, _ in rows:
        c = cells(row, record)
        yield "| " + " | ".join(c[:3] + c[4:]) + " |"


def summary(rows):
    judged = [record["passed"] for _, record, _, _ in rows if record["passed"] is not None]
    return f"{sum(judged)} of {len(judged)} targets met"


NOTES = """
ours, Linux: guest instructions of one operation. seL4*: constants, measured once elsewhere, not in this run.
switches, flushes, IPIs: changes of address space, dropped translations, interrupts between processors of one of
our operations: they cost nothing in instructions. wall: our time by Linux' in the emulator without counting."""
