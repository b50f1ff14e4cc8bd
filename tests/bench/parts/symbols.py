# SPDX-License-Identifier: MIT
"""Names for guest addresses, from the ELF files with symbols that the images were made of."""
import bisect
import subprocess


class Symbols:
    def __init__(self, elf_files):
        """elf_files: paths. Their code must not overlap; what is in none of them is called `?`."""
        table = {}
        self.ranges = []  # (start, end, file) of code
        for path in elf_files:
            for address, name in self.read_names(path):
                table.setdefault(address, name)
            self.ranges += [(start, end, path) for start, end in self.read_sections(path)]
        self.addresses = sorted(table)
        self.names = [table[a] for a in self.addresses]

    @staticmethod
    def read_names(path):
        done = subprocess.run(["nm", "-n", "--defined-only", path], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            address, kind, name = line.split(maxsplit=2)
            if kind in "tTwW" and not name.startswith(".L"):
                yield int(address, 16), name

    @staticmethod
    def read_sections(path):
        done = subprocess.run(["objdump", "-h", "-w", path], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            if " CODE" in line:
                fields = line.split()
                yield int(fields[3], 16), int(fields[3], 16) + int(fields[2], 16)

    def file_of(self, address):
        return next((path for start, end, path in self.ranges if start <= address < end), None)

    def function(self, address):
        """(name, offset) of the function that an address is in."""
        i = bisect.bisect_right(self.addresses, address) - 1
        if i < 0 or not self.file_of(address):
            return ("? (kernel)" if address >> 63 else "? (below the kernel)"), 0
        return self.names[i], address - self.addresses[i]

    def lines(self, addresses):
        """{address: (innermost function, "file:line")}, through inlined functions."""
        found = {}
        for path in sorted({p for p in map(self.file_of, addresses) if p}):
            mine = [a for a in addresses if self.file_of(a) == path]
            text = "".join(f"{a:#x}\n" for a in mine)
            done = subprocess.run(["addr2line", "-a", "-f", "-i", "-e", path], input=text, capture_output=True,
                                  text=True, check=True)
            found.update(self.parse_lines(done.stdout))
        return found

    @staticmethod
    def parse_lines(text):
        """Each address is followed by pairs of lines, the innermost function first."""
        lines = text.splitlines()
        for i, line in enumerate(lines):
            if line.startswith("0x"):
                place = lines[i + 2].split(" (discriminator")[0]
                yield int(line, 16), (lines[i + 1], "/".join(place.split("/")[-2:]))


def disassembly(path, start, end):
    """{address: text} of a range."""
    done = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--start-address={start:#x}",
                           f"--stop-address={end:#x}", path], capture_output=True, text=True, check=True)
    out = {}
    for line in done.stdout.splitlines():
        address, colon, text = line.partition(":\t")
        if colon and address.strip():
            out[int(address, 16)] = " ".join(text.split())
    return out
