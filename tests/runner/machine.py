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

from .glass import Picture

OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"

# What the emulator calls the keys (its qapi/ui.json, QKeyCode), and what they type with shift on a keyboard for `us`.
KEYS = dict(zip(" \n\t\b\033-=/.,;'[]\\`", "spc ret tab backspace esc minus equal slash dot comma semicolon apostrophe "
                "bracket_left bracket_right backslash grave_accent".split()))
SHIFTED = dict(zip('!@#$%^&*()_+|<>":?~{}', "1234567890-=\\,.';/`[]"))
KEY_TIME = 0.12  # seconds between two keys: the emulated keyboard keeps 16 bytes, four keys with shift


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
        if c.get("append"):
            c["iso"] = self.image_with(c["append"])
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

    def image_with(self, options):
        """An image like the one that is shipped, with a command line for the kernel."""
        out = os.path.join(self.scratch, "image.iso")
        command = ["scripts/image", out, self.config["kernel"], self.config["bundle"], options]
        subprocess.run(command, check=True, capture_output=True)
        return out

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

    def ask_emulator(self, command, **arguments):
        """One command of the emulator's own control."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(30)
            control.connect(self.control)
            answers = control.makefile()
            answers.readline()
            for line in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                control.sendall(json.dumps(line).encode() + b"\n")
                while "return" not in (answer := json.loads(answers.readline())):
                    if "error" in answer:
                        raise RuntimeError(answer["error"])

    def press(self, names):
        """Keys of the emulated keyboard that go down together, and up again."""
        keys = [{"type": "qcode", "data": name} for name in names.split("+")]
        for down in (True, False):
            events = [{"type": "key", "data": {"key": key, "down": down}} for key in (keys if down else keys[::-1])]
            self.ask_emulator("input-send-event", events=events)

    def type(self, text):
        """Text on the emulated keyboard; its layout is `us`."""
        self.log.write(f"<typed {text!r}>")
        for character in text:
            shift = character.isupper() or character in SHIFTED
            plain = SHIFTED.get(character, character).lower()
            self.press(("shift+" if shift else "") + KEYS.get(plain, plain))
            time.sleep(KEY_TIME)

    def move_mouse(self, x, y):
        """The emulated mouse, by so much."""
        events = [{"type": "rel", "data": {"axis": axis, "value": by}} for axis, by in (("x", x), ("y", y))]
        self.ask_emulator("input-send-event", events=events)

    def picture(self):
        """What the emulated screen shows."""
        path = os.path.join(self.scratch, "picture")
        self.ask_emulator("screendump", filename=path)
        return Picture(path)

    def wait_for_glass(self, pattern, glass, deadline, stop=None):
        """The same as wait_for, of the text on the screen."""
        pattern = re.compile(pattern, re.M)
        stop = re.compile(stop, re.M) if stop else None
        while True:
            text = glass.text(self.picture())
            found = pattern.search(text)
            if found or self.ended or time.monotonic() > deadline or (stop and stop.search(self.text)):
                self.log.write(f"\n<the screen>\n{text.rstrip()}\n<end>\n")
                self.log.flush()
                return found
            self.read(0.3)

    def screen(self):
        """The text on the VGA screen, a line each; for direct boots, which have no other."""
        path = os.path.join(self.scratch, "screen")
        self.ask_emulator("pmemsave", val=0xB8000, size=4000, filename=path)
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
