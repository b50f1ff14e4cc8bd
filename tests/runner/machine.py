# SPDX-License-Identifier: MIT
"""One emulated machine: its command line, its serial line, its end.

A machine is driven by what it prints, never by waiting a while. Only the process started here is ended.
"""
import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time

OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"


class Machine:
    def __init__(self, config, log_path):
        """config: boot, kernel, bundle, iso, cpus, memory, cpu, append, options (see scenario.py)."""
        self.config = config
        self.text = ""
        self.ended = False
        self.scratch = tempfile.mkdtemp(prefix="anonymos-test-")
        self.control = os.path.join(self.scratch, "control")
        self.command = self.command_line()
        self.log = open(log_path, "w")
        self.log.write("+ " + " ".join(self.command) + "\n")
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def command_line(self):
        c = self.config
        line = ["qemu-system-x86_64", "-m", str(c["memory"]), "-smp", str(c["cpus"])]
        line += ["-cpu", c.get("cpu", "max"), "-display", "none", "-monitor", "none"]
        line += ["-serial", "stdio", "-no-reboot", "-nic", "none"]
        line += ["-qmp", f"unix:{self.control},server=on,wait=off"]
        line += self.boot_options() + c.get("options", [])
        return line

    def boot_options(self):
        c = self.config
        if c["boot"] == "direct":
            line = ["-kernel", c["kernel"], "-append", c.get("append", "")]
            return line + (["-initrd", c["bundle"]] if c["bundle"] else [])
        image = f"format=raw,file={c['iso']},readonly=on,if="
        if c["boot"] == "bios-iso":
            return ["-cdrom", c["iso"], "-boot", "d"]
        if c["boot"] == "bios-disk":
            return ["-drive", f"format=raw,file={c['iso']},if=virtio,snapshot=on"]
        if c["boot"] == "uefi-iso":
            variables = os.path.join(self.scratch, "vars.fd")
            shutil.copy(OVMF_VARS, variables)
            flash = ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF_CODE}"]
            return flash + ["-drive", f"if=pflash,format=raw,file={variables}", "-cdrom", c["iso"]]
        if c["boot"] == "usb":
            device = ["-device", "qemu-xhci", "-device", "usb-storage,drive=stick,bootindex=0"]
            return ["-drive", image + "none,id=stick"] + device
        raise ValueError(f"no way to boot is called {c['boot']}")

    def send(self, text):
        self.log.write(f"<sent {text!r}>")
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self.ended = True

    def read(self, timeout):
        """Takes what the machine printed, waiting for it at most `timeout` seconds."""
        if self.ended or not self.selector.select(timeout):
            return
        data = self.process.stdout.read(65536)
        if not data:
            self.ended = True
            return
        text = data.decode("utf-8", "replace").replace("\r", "")
        self.text += text
        self.log.write(text)
        self.log.flush()

    def wait_for(self, pattern, start, deadline, stop=None):
        """The match of `pattern` after `start`, or None when time, the machine or patience ends.

        `stop` is a pattern that ends the wait early, wherever it stands after `start`.
        """
        pattern = re.compile(pattern, re.M)
        stop = re.compile(stop, re.M) if stop else None
        while True:
            found = pattern.search(self.text, start)
            if found:
                return found
            left = deadline - time.monotonic()
            if self.ended or left <= 0 or (stop and stop.search(self.text, start)):
                return None
            self.read(min(left, 1.0))

    def wait_end(self, deadline):
        """True if the machine ended by itself before the deadline."""
        while not self.ended and time.monotonic() < deadline:
            self.read(min(1.0, max(0.0, deadline - time.monotonic())))
        return self.ended

    def screen(self):
        """The text on the VGA screen, a line each; for direct boots, which have no other."""
        path = os.path.join(self.scratch, "screen")
        save = {"execute": "pmemsave", "arguments": {"val": 0xB8000, "size": 4000, "filename": path}}
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(self.control)
            answers = control.makefile()
            answers.readline()
            for command in ({"execute": "qmp_capabilities"}, save):
                control.sendall(json.dumps(command).encode() + b"\n")
                while "return" not in (answer := json.loads(answers.readline())):
                    if "error" in answer:
                        raise RuntimeError(answer["error"])
        with open(path, "rb") as f:
            cells = f.read()[::2].decode("cp437")
        return "\n".join(cells[i : i + 80].rstrip(" \0") for i in range(0, 2000, 80))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.selector.close()
        self.log.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
