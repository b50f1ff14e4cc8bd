# SPDX-License-Identifier: MIT
"""A scenario is one file of tests/scenarios: which machine, what to say to it, what must come back.

    group = "boot"              # what `./anonymos test GROUP` selects
    kernel = "kernel"           # kernel, kernel-test or kernel-ubsan: a directory of build/
    bundle = "bundle.cpio"      # file of build/; "none"; "empty", "garbage" or "truncated" for bad input
    boot = "direct"             # direct, bios-iso, bios-disk, uefi-iso, usb
    cpus = 2  memory = 1024     # memory in MiB
    cpu = "max"                 # the emulator's processor model
    append = ""                 # kernel command line; of an image one is made with it
    expect = ["a", "b"]         # patterns that must appear in this order
    forbid = ["panic"]          # patterns that must not appear; the kernel's panic never may
    input = [["after", "line"]] # when `after` appears, send the line; with a number, so many times.
                                # Or { after = "..." } or { glass = "..." }, which has to stand on the screen, and
                                # line = "...", keys = "..." to be typed on the keyboard, press = ["shift+pgup"],
                                # mouse = [x, y] by which it is moved, or nothing
    driver = ""                 # the module of tests/runner that talks to the machine in place of `input`
    tap = false                 # read test results from the serial line, until `TAP done`
    off = false                 # the machine must switch itself off at the end
    halt = false                # it must stand still at the end, with the last expected line on its screen
    time = 60                   # seconds of wall time, generous: emulators are slow on busy machines
    matrix = [{cpus = 1}, ...]  # run once for each, with these settings replaced
    [long] ...                  # see campaign.py
"""
import os
import time
import tomllib

from . import kills, tap
from .glass import Glass
from .machine import Machine

DRIVERS = {"kills": kills.run}  # how a machine is talked to, if not by converse
PANIC = r"^(?:\[[^\]\n]*\] *)?panic\b"
DEFAULTS = {
    "kernel": "kernel", "bundle": "bundle.cpio", "boot": "direct", "cpus": 2, "memory": 1024,
    "cpu": "max", "append": "", "expect": [], "forbid": [], "input": [], "tap": False, "off": False,
    "halt": False, "driver": "", "time": 60, "matrix": [{}], "options": [], "long": None,
}
UNNAMED = {"append", "expect", "forbid", "options"}  # settings that make no name


class Scenario:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.settings = tomllib.load(f)
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.group = self.settings.pop("group")
        unknown = set(self.settings) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"{path}: unknown settings: {', '.join(sorted(unknown))}")

    def variants(self):
        """(name, settings) of each run."""
        base = DEFAULTS | self.settings
        for change in base["matrix"]:
            label = "-".join(f"{k}{v}" for k, v in change.items() if k not in UNNAMED)
            yield (f"{self.name}-{label}" if label else self.name), base | change


def load_all(directory):
    names = sorted(n for n in os.listdir(directory) if n.endswith(".toml"))
    return [Scenario(os.path.join(directory, n)) for n in names]


def bad_bundle(kind, build):
    """A file with a broken boot bundle; made from the good one."""
    with open(os.path.join(build, "bundle.cpio"), "rb") as f:
        good = f.read()
    data = {"empty": b"\0", "garbage": b"\xa5" * len(good), "truncated": good[: len(good) // 2]}[kind]
    path = os.path.join(build, f"bundle-{kind}.cpio")
    with open(path, "wb") as f:
        f.write(data)
    return path


def machine_config(settings, build):
    bundle = settings["bundle"]
    if bundle == "none":
        path = None
    elif bundle in ("empty", "garbage", "truncated"):
        path = bad_bundle(bundle, build)
    else:
        path = os.path.join(build, bundle)
    return settings | {
        "bundle": path,
        "kernel": os.path.join(build, settings["kernel"], "anonymOS.bin"),
        "iso": os.path.join(build, "anonymOS.iso"),
    }


def failed(name, machine, why):
    return [(name, False, why + "\n" + "\n".join(machine.text.splitlines()[-25:]))]


def act(machine, step):
    if "line" in step:
        machine.send((step["line"] + "\n") * step.get("times", 1))
    for keys in step.get("press", []):
        machine.press(keys)
    if "mouse" in step:
        machine.move_mouse(*step["mouse"])
    if "keys" in step:
        machine.type(step["keys"])


def converse(machine, settings, deadline, glass):
    """Sends the input and waits for what is expected; says what is missing, or None."""
    stop = "|".join([PANIC, *settings["forbid"]])
    position = 0
    for step in settings["input"]:
        if isinstance(step, list):
            after, line, *times = step
            step = {"after": after, "line": line, "times": (times or [1])[0]}
        if "glass" in step and not machine.wait_for_glass(step["glass"], glass, deadline, stop):
            return f"did not see {step['glass']!r} on the screen, so {step!r} was not done"
        if "after" in step:
            found = machine.wait_for(step["after"], position, deadline, stop)
            if not found:
                return f"did not see {step['after']!r}, so {step.get('line', step)!r} was not sent"
            position = found.end()
        act(machine, step)
    position = 0
    for pattern in settings["expect"] + (["^" + tap.DONE] if settings["tap"] else []):
        found = machine.wait_for(pattern, position, deadline, stop)
        if not found:
            return f"did not see {pattern!r}"
        position = found.end()
    return None


STILL = 1.0  # seconds that a halted machine is watched; one that resets is gone by then


def halted(machine):
    """What speaks against a machine that has told why and stopped, or None."""
    before = -1
    while before != len(machine.text) and not machine.ended:  # the rest of its last line
        before = len(machine.text)
        machine.wait_end(time.monotonic() + STILL / 2)
    line = machine.text.rstrip().splitlines()[-1].strip()
    machine.wait_end(time.monotonic() + STILL)
    if machine.ended:
        return "the machine reset or ended instead of halting"
    if len(machine.text) > before:
        return f"the machine went on: {machine.text[before:]!r}"
    if "".join(line.split()) not in "".join(machine.screen().split()):  # long lines are broken
        return f"the screen does not show {line!r} but:\n{machine.screen()}"
    return None


def run(name, settings, build):
    """Boots one machine and judges it. Returns results and the machine's text."""
    log = os.path.join(build, "logs", "tests", name + ".log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    begun = time.monotonic()
    machine = Machine(machine_config(settings, build), log)
    try:
        deadline = begun + settings["time"] * float(os.environ.get("TEST_TIME_FACTOR", "1"))
        if settings["driver"]:
            missing = DRIVERS[settings["driver"]](machine, settings, deadline)
        else:
            missing = converse(machine, settings, deadline, Glass(build))
        if missing:
            why = "the machine ended" if machine.ended else "a forbidden line or the time limit came"
            results = failed(name, machine, f"{missing}: {why} after {time.monotonic() - begun:.0f} s")
            return (tap.parse(machine.text, name)[:-1] if settings["tap"] else []) + results, machine.text
        if settings["off"] and not machine.wait_end(deadline):
            return failed(name, machine, "the machine did not switch itself off"), machine.text
        missing = halted(machine) if settings["halt"] else None
        if missing:
            return failed(name, machine, missing), machine.text
        bad = machine.wait_for("|".join([PANIC, *settings["forbid"]]), 0, 0)
        if bad:
            return failed(name, machine, f"forbidden: {bad[0]!r}"), machine.text
        results = tap.parse(machine.text, name) if settings["tap"] else [(name, True, "")]
        return results, machine.text
    finally:
        machine.close()
