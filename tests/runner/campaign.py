# SPDX-License-Identifier: MIT
"""Long campaigns: `./anonymos test --long NAME --seed N [--minutes M]`.

NAME is a fuzzer (fuzz_elf) or a scenario with a [long] table:

    [long]
    count = 1000000     # operations of one part
    parts = 10
    time = 1200         # seconds of one part
    tested = ["kernel", "abi"]   # what the count holds for

The parts of a scenario take turns on the machines of its matrix, whose `seed=` and `count=` are replaced.
Each finished part adds a line to docs/campaigns.tsv: commit (the last one that changed what is tested),
campaign, seed, part, count, failures; it holds as long as the code that is tested, comments apart, is as it was then. A campaign that was stopped goes on after its last finished part;
one call works for at most M minutes (40).
"""
import os
import re
import subprocess
import sys
import time

from . import host, scenario

RECORD = "docs/campaigns.tsv"
HEADER = "# commit\tcampaign\tseed\tpart\tcount\tfailures\n"


def fuzzed(name):
    """A fuzzer and what it is linked with."""
    source = f"tests/host/{name}.c"
    return [source, *host.sources_of(source)]


def commit(tested):
    """The last commit that changed what is tested, marked when the tree differs from it."""
    last = ["git", "log", "-1", "--format=%h", "--abbrev=12", "--", *tested]
    done = subprocess.run(last, capture_output=True, text=True)
    clean = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", *tested])
    return done.stdout.strip() + ("" if clean.returncode == 0 else "+changes")


def code(text):
    """What is left without comments, empty lines and what is in front of lines and behind them."""
    lines = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split("\n")
    return [line.strip() for line in lines if line.strip()]


def same(revision, tested):
    """Is the code that is tested the same as it was at a commit?"""
    command = ["git", "diff", "--name-only", revision, "--", *tested]
    changed = subprocess.run(command, capture_output=True, text=True)
    for name in changed.stdout.split("\n")[:-1]:
        before = subprocess.run(["git", "show", f"{revision}:{name}"], capture_output=True, text=True)
        if before.returncode or not os.path.exists(name):
            return False
        with open(name) as f:
            if code(before.stdout) != code(f.read()):
                return False
    return changed.returncode == 0


def finished_parts(tested, name, seed):
    if not os.path.exists(RECORD):
        return set()
    with open(RECORD) as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    rows = [r for r in rows if r[1:3] == [name, str(seed)]]
    holding = {r for r in {row[0] for row in rows} if same(r, tested)}
    return {int(r[3]) for r in rows if r[0] in holding}


def record(revision, name, seed, part, count, failures):
    new = not os.path.exists(RECORD)
    with open(RECORD, "a") as f:
        if new:
            f.write(HEADER)
        f.write(f"{revision}\t{name}\t{seed}\t{part}\t{count}\t{failures}\n")


def part_seed(seed, part):
    """Different for each part, the same for each repetition."""
    return (seed * 1000003 + part) % (1 << 31) or 1


def fuzz_part(name, seed, build):
    program, error = host.build(f"tests/host/{name}.c", build)
    if error:
        sys.exit(error)
    count = 20_000_000
    options = [f"-runs={count}", f"-seed={seed}", "-max_total_time=600"]
    results = host.fuzz(name, program, build, options, limit=1200)
    done = re.search(r"Done (\d+) runs", results[0][2] or "")
    return results, int(done[1]) if done else count


def scenario_part(chosen, part, seed, build):
    long = chosen.settings["long"]
    variants = list(chosen.variants())
    name, settings = variants[part % len(variants)]
    append = re.sub(r"seed=\d+ count=\d+", f"seed={seed} count={long['count']}", settings["append"])
    results, _ = scenario.run(name, settings | {"append": append, "time": long["time"]}, build)
    return results, long["count"]


def run(name, seed, minutes, scenarios, build, report):
    chosen = next((s for s in scenarios if s.name == name and "long" in s.settings), None)
    fuzzer = os.path.exists(f"tests/host/{name}.c") and name.startswith("fuzz_")
    if not chosen and not fuzzer:
        sys.exit(f"no campaign is called {name}: it needs a [long] table in its scenario, or a fuzzer")
    parts = chosen.settings["long"]["parts"] if chosen else 4
    allowance = chosen.settings["long"]["time"] if chosen else 600
    tested = chosen.settings["long"]["tested"] if chosen else fuzzed(name)
    revision = commit(tested)
    begun = time.monotonic()
    finished = finished_parts(tested, name, seed)
    for part in range(parts):
        if part in finished:
            continue
        if time.monotonic() - begun + allowance > minutes * 60 and part - len(finished) > 0:
            report.note(f"{name}: the time is over; the same command goes on with part {part}")
            return
        this_seed = part_seed(seed, part)
        results, count = (scenario_part(chosen, part, this_seed, build) if chosen
                          else fuzz_part(name, this_seed, build))
        report.add([(f"{n} part {part}", ok, detail) for n, ok, detail in results])
        record(revision, name, seed, part, count, sum(not ok for _, ok, _ in results))
    report.note(f"{name} seed {seed}: all {parts} parts are done")
