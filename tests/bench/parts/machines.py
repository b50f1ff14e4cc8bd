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


def images(system, program):
    user = "-user" if program == "user" else ""
    if system == "linux":
        return linux_kernel(), os.path.join(BUILD, "bench", f"linux{user}.cpio"), LINUX_OPTIONS + " "
    return os.path.join(BUILD, "anonymOS.bin"), os.path.join(BUILD, f"bundle-bench{user}.cpio"), ""


class BenchMachine(Machine):
    """config: system, program (kernel, user), mode (count, wall, profile), cpus, options, plugin.

    The program of the kernel's calls has its options from the kernel's command line, that of users' programs asks.
    """

    def command_line(self):
        c = self.config
        kernel, bundle, append = images(c["system"], c["program"])
        line = ["qemu-system-x86_64", *(WALL if c["mode"] == "wall" else COUNTING), *FLAGS]
        line += ["-smp", str(c["cpus"]), "-kernel", kernel, "-initrd", bundle]
        line += ["-append", append + ("" if c["program"] == "user" else self.options())]
        return line + (["-plugin", c["plugin"]] if c.get("plugin") else [])

    def options(self):
        return f"bench={self.config['mode']} {self.config['options']}".strip()


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


def run(system, mode, cpus=1, options="", plugin=None, program="kernel"):
    """What the machine printed. A machine that fails ends the program."""
    logs = os.path.join(BUILD, "logs", "bench")
    os.makedirs(logs, exist_ok=True)
    log = os.path.join(logs, f"{system}-{program}-{mode}-{cpus}.log")
    config = {"system": system, "program": program, "mode": mode, "cpus": cpus, "options": options, "plugin": plugin}
    machine = BenchMachine(config, log)
    try:
        if program == "user" and machine.wait_for("bench options: ", 0, time.monotonic() + PATIENCE):
            machine.send(machine.options() + "\n")
        end = wait_for_end(machine)
    finally:
        machine.close()
    if not end or end[1] != "bench done":
        tail = "\n".join(machine.text.splitlines()[-12:])
        sys.exit(f"bench: {system} with {cpus} processors, {mode}: {end[1] if end else 'no end'}"
                 f"\n{tail}\nlog: {log}")
    return machine.text


def measure(system, mode, cpus=1, options="", program="kernel"):
    """{operation: {median, min, mean, count, switches, flushes, ipis, interrupts}}"""
    text = run(system, mode, cpus, options, program=program)
    keys = ["median", "min", "mean", "count", "switches", "flushes", "ipis", "interrupts"]
    return {m[1]: dict(zip(keys, map(int, m.groups()[1:]))) for m in LINE.finditer(text)}


PROFILED = re.compile(r"bench profiled (\w+) (\d+)")


def count_switches(options=""):
    """{operation of the programs with files: (changes of address space, operations)}, from the emulator."""
    prefix = os.path.join(BUILD, "bench", "count")
    if os.path.exists(prefix + ".switches"):
        os.remove(prefix + ".switches")
    plugin = f"{BUILD}/bench/count.so,prefix={prefix},switches=on"
    text = run("anonymos", "profile", 1, options, plugin, "user")
    with open(prefix + ".switches") as f:
        counted = [int(line) for line in f]
    # The first mark is that of the boot, which is not counted.
    names = [m for m in PROFILED.findall(text) if not m[0].startswith("boot")]
    return {name: (n, int(operations)) for (name, operations), n in zip(names, counted[-len(names):], strict=True)}


def build(*targets):
    make = ["make", f"-j{os.cpu_count()}", "--no-print-directory", "-s", f"BUILD={BUILD}", *targets]
    if subprocess.run(make, stdout=sys.stderr).returncode:
        sys.exit("bench: the build failed")
