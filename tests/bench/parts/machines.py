# SPDX-License-Identifier: MIT
"""Boots this system and its Linux peer under the same emulator flags and reads what they measured."""
import os
import re
import subprocess
import sys
import time

from runner.machine import Machine

BUILD = os.environ.get("BUILD", "build")
COUNTING = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"]
# Without instruction counting, processors of a machine with several run beside each other.
WALL = ["-accel", "tcg"]
FLAGS = ["-seed", "1", "-cpu", "max,-erms", "-m", "512", "-display", "none", "-serial", "stdio"]
FLAGS += ["-monitor", "none", "-no-reboot", "-net", "none"]
LINUX_OPTIONS = "console=ttyS0 quiet panic=-1"
LINE = re.compile(r"bench (\w+) median (\d+) min (\d+) mean (\d+) count (\d+)"
                  r" switches (\d+) flushes (\d+) ipis (\d+) interrupts (\d+)")
ENDED = re.compile(r"(bench done|bench failed.*|.*[pP]anic\b.*)\r?\n")
PATIENCE = 180  # seconds in which a machine says nothing


def linux_kernel():
    """The peer of deps.lock, as scripts/fetch has unpacked it."""
    with open("deps.lock") as f:
        fields = [line.rstrip("\n").split("\t") for line in f if line.startswith("linux-image-")]
    return os.path.join(BUILD, "peers", fields[0][6].lstrip("@"))


def images(system):
    if system == "linux":
        return linux_kernel(), os.path.join(BUILD, "bench", "linux.cpio"), LINUX_OPTIONS + " "
    return os.path.join(BUILD, "anonymOS.bin"), os.path.join(BUILD, "bundle-bench.cpio"), ""


class BenchMachine(Machine):
    """config: system, mode (count, wall, profile), cpus, options for the kernel, plugin."""

    def command_line(self):
        c = self.config
        kernel, bundle, append = images(c["system"])
        line = ["qemu-system-x86_64", *(WALL if c["mode"] == "wall" else COUNTING), *FLAGS]
        line += ["-smp", str(c["cpus"]), "-kernel", kernel, "-initrd", bundle]
        line += ["-append", f"{append}bench={c['mode']} {c.get('options', '')}".strip()]
        return line + (["-plugin", c["plugin"]] if c.get("plugin") else [])


def wait_for_end(machine):
    """The match of ENDED, or None if the machine ends or falls silent before."""
    heard, end = time.monotonic(), None
    while not end and not machine.ended and time.monotonic() - heard < PATIENCE:
        length = len(machine.text)
        machine.read(1.0)
        if len(machine.text) > length:
            heard = time.monotonic()
            end = ENDED.search(machine.text)
    return end


def run(system, mode, cpus=1, options="", plugin=None):
    """What the machine printed. A machine that fails ends the program."""
    logs = os.path.join(BUILD, "logs", "bench")
    os.makedirs(logs, exist_ok=True)
    log = os.path.join(logs, f"{system}-{mode}-{cpus}.log")
    config = {"system": system, "mode": mode, "cpus": cpus, "options": options, "plugin": plugin}
    machine = BenchMachine(config, log)
    try:
        end = wait_for_end(machine)
    finally:
        machine.close()
    if not end or end[1] != "bench done":
        tail = "\n".join(machine.text.splitlines()[-12:])
        sys.exit(f"bench: {system} with {cpus} processors, {mode}: {end[1] if end else 'no end'}"
                 f"\n{tail}\nlog: {log}")
    return machine.text


def measure(system, mode, cpus=1, options=""):
    """{operation: {median, min, mean, count, switches, flushes, ipis, interrupts}}"""
    text = run(system, mode, cpus, options)
    keys = ["median", "min", "mean", "count", "switches", "flushes", "ipis", "interrupts"]
    return {m[1]: dict(zip(keys, map(int, m.groups()[1:]))) for m in LINE.finditer(text)}


def build(*targets):
    make = ["make", f"-j{os.cpu_count()}", "--no-print-directory", "-s", f"BUILD={BUILD}", *targets]
    if subprocess.run(make, stdout=sys.stderr).returncode:
        sys.exit("bench: the build failed")
