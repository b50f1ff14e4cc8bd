# SPDX-License-Identifier: MIT
"""The kill test: a machine whose servers end one after the other, while a shell at its console has work.

`seed=N count=M` on the command line go to the monitor's `kills`, which ends the servers and measures. Meanwhile a
login runs a load: a copy of a file and its sum, a pipeline, files of /proc and /dev. Whatever happens to it
is an error that it reports or the end of the session, after which there is a new one; what may not be is a copy that
says it is done and is not equal, a server that does not come back, or silence. At last, with the servers
left alone, all of the load must succeed.
"""
import re
import time

PROMPT = r"wcuser@anonymos:[^\n]*\$ \Z|^init> \Z"
SILENCE = 30.0  # seconds until the console is woken by an empty line: what was typed may be lost with a terminal
WAKES = 6       # of them in a row are too many
BACK_LIMIT = 1000   # milliseconds, where the emulator counts instructions
BUSY_LIMIT = 10000  # where time is the host's, with what else runs there
LOAD = ("cp /bin/busybox /tmp/c && md5sum /tmp/c; seq 2000 | sort -n | tail -n 1; head -c 9 /dev/zero | wc -c; "
        "ps | grep -c ps; cat /tmp/c | md5sum; echo load ${PPID}over")
COPIED = r"^([0-9a-f]{32})  /tmp/c$"
ORIGINAL = r"^([0-9a-f]{32})  /bin/busybox$"


class Console:
    """The prompt that is there now, and what came before it."""

    def __init__(self, machine, deadline):
        self.machine, self.deadline, self.position = machine, deadline, 0

    def prompt(self):
        """'$' or '>', or None: the machine is silent although it was woken."""
        for _ in range(WAKES):
            until = min(self.deadline, time.monotonic() + SILENCE)
            found = self.machine.wait_for(PROMPT, self.position, until, None)
            if found:
                self.position = found.end()
                return ">" if found[0].startswith("init") else "$"
            if self.machine.ended or time.monotonic() >= self.deadline:
                return None
            self.machine.send("\n")
        return None

    def say(self, line):
        """Types a line and returns what came until the next prompt, and that prompt."""
        begin = self.position
        self.machine.send(line + "\n")
        prompt = self.prompt()
        return self.machine.text[begin:self.position], prompt

    def until(self, wanted, line):
        """Types a line until the prompt is the wanted one."""
        prompt = None
        for _ in range(WAKES):
            _, prompt = self.say(line)
            if prompt in (wanted, None):
                break
        return prompt == wanted


def progress(text):
    """(done, wanted) of a report of `kills`."""
    found = re.findall(r"kills: (\d+) of (\d+)", text)
    return (int(found[-1][0]), int(found[-1][1])) if found else (0, 1)


def judged(text, limit):
    """What is wrong with a report, or None."""
    rows = re.findall(r"kills: (\w+) +(\d+) times, back within (\d+) ms, lost (\d+)", text)
    if len(rows) < 10:
        return f"the report is not whole: {text!r}"
    for name, times, slowest, lost in rows:
        if int(lost):
            return f"{name} did not come back, {lost} of {times} times"
        if int(slowest) >= limit:
            return f"{name} was back only after {slowest} ms"
    return None


def under_load(console, results):
    """Sessions with load until all servers were ended; the last report, or None."""
    while True:
        if not console.until("$", "shell"):
            return None
        for _ in range(3):
            text, prompt = console.say(LOAD)
            results["loads"] += 1
            results["whole"] += bool(re.search(r"^load \d+over", text, re.M))
            if prompt != "$":
                break
        if prompt is None or (prompt == "$" and not console.until(">", "exit")):
            return None
        text, prompt = console.say("kills")
        done, wanted = progress(text)
        if done >= wanted:
            return text


def run(machine, settings, deadline):
    """Says what is wrong, or None."""
    seed, count = re.search(r"seed=(\d+) count=(\d+)", settings["append"]).groups()
    console, results = Console(machine, deadline), {"loads": 0, "whole": 0}
    if console.prompt() != ">" or not console.until("$", "shell"):
        return "no shell"
    original = re.search(ORIGINAL, console.say("md5sum /bin/busybox")[0], re.M)
    if not original or not console.until(">", "exit"):
        return "the shell does not work"
    console.say(f"kills {seed} {count}")
    report = under_load(console, results)
    if report is None:
        return f"the console does not answer any more, after {results['loads']} loads"
    missing = judged(report, BACK_LIMIT if "-icount" in settings["options"] else BUSY_LIMIT)
    for copy in re.findall(COPIED, machine.text, re.M):
        if copy != original[1]:
            missing = missing or f"a copy is not equal: {copy}"
    machine.log.write(f"\n<{results['loads']} loads, {results['whole']} of them to their last line>\n")
    return missing or at_rest(console, original[1])


def at_rest(console, original):
    """Everything works again; then the machine goes off."""
    if not console.until("$", "shell"):
        return "no shell in the end"
    text, _ = console.say(LOAD)
    for line in (rf"^{original}  /tmp/c$", r"^2000$", r"^9$", rf"^{original}  -$", r"^load \d+over$"):
        if not re.search(line, text, re.M):
            return f"in the end the load does not give {line!r} but {text!r}"
    console.machine.send("poweroff\n")
    return None
