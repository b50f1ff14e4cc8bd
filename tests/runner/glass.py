# SPDX-License-Identifier: MIT
"""What stands on an emulated machine's screen: its pixels, read back as text with the font of the system itself."""
import os
import re
import struct
import zlib

WIDTH, HEIGHT, UNDERLINE = 8, 16, 13
UNKNOWN = "\ufffd"


def without_underline(rows):
    return rows[:UNDERLINE] + rows[UNDERLINE + 1 :]


def glyphs(path):
    """Characters by their 16 rows, and by those without the one that an underline is in; of those that look the same the
    lowest."""
    with open(path, "rb") as f:
        data = f.read()
    (count,) = struct.unpack_from("<I", data)
    numbers = struct.unpack_from(f"<{count}I", data, 4)
    found, underlined = {}, {}
    for weight in range(2):
        start = 4 + 4 * count + weight * count * HEIGHT
        for i, number in enumerate(numbers):
            if number >= 0x20:
                rows = data[start + i * HEIGHT : start + (i + 1) * HEIGHT]
                found.setdefault(rows, chr(number))
                underlined.setdefault(without_underline(rows), chr(number))
    return found | underlined


class Picture:
    """A picture of the emulator, binary PPM."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
        self.width, self.height = int(head[1]), int(head[2])
        self.pixels = data[head.end() :]

    def cell(self, row, column):
        """The pixels of a cell, 24 bytes of each of its rows, behind each other."""
        start = (row * HEIGHT * self.width + column * WIDTH) * 3
        stride = self.width * 3
        return b"".join(self.pixels[at : at + 3 * WIDTH] for at in range(start, start + HEIGHT * stride, stride))

    def png(self):
        """The same as PNG (W3C Recommendation of 2003, 8 bits of red, green and blue)."""

        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        stride = self.width * 3
        rows = b"".join(b"\0" + self.pixels[y * stride : (y + 1) * stride] for y in range(self.height))
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9))
                + chunk(b"IEND", b""))


class Glass:
    def __init__(self, build):
        self.glyphs = glyphs(os.path.join(build, "font", "font.bin"))
        self.known = {}  # pixels of a cell, and what they are

    def character(self, pixels):
        if pixels not in self.known:
            self.known[pixels] = self.recognize([pixels[i : i + 3] for i in range(0, len(pixels), 3)])
        return self.known[pixels]

    def recognize(self, pixels):
        """One colour is a blank; of two either may be the ink."""
        colours = sorted(set(pixels))
        if len(colours) == 1:
            return " "
        shapes = [
            bytes(sum((pixels[y * WIDTH + x] == ink) << (7 - x) for x in range(WIDTH)) for y in range(HEIGHT))
            for ink in colours
        ]
        for shape in (shapes + [without_underline(shape) for shape in shapes]) if len(colours) == 2 else []:
            if shape in self.glyphs:
                return self.glyphs[shape]
        return UNKNOWN

    def text(self, picture):
        """A line for each row, without blanks at its end."""
        rows, columns = picture.height // HEIGHT, picture.width // WIDTH
        return "\n".join(
            "".join(self.character(picture.cell(row, column)) for column in range(columns)).rstrip()
            for row in range(rows)
        )
