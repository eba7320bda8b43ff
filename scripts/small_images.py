#!/usr/bin/env python3
"""Writes N different PNG files of 8 x 8 grey pixels, 140 bytes each, 1,000 a folder, to see what a list of many images takes.

    python scripts/small_images.py DIR N

A million of them take 4 GiB in blocks of 4 KiB, and 0.6 GiB on ext4 made with -O inline_data -I 512.
"""
import pathlib, struct, sys, zlib

SIDE = 8


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def image(number):
    state, rows = number * 2654435761 & 0xFFFFFFFF, bytearray()
    for _ in range(SIDE):
        rows.append(0)  # no filter
        for _ in range(SIDE):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            rows.append(state >> 24)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 0)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    root, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for n in range(count):
        folder = root / f"{n // 1000:04d}"
        if n % 1000 == 0:
            folder.mkdir(parents=True)
        (folder / f"{n:06d}.png").write_bytes(image(n))
