"""BMP files by hand."""

import struct
import numpy as np
from image_kinds.golden import A, GREY, H, INDEX, RANDOM, rgb, W, write


def bmpfile(bits, data, palette=b"", compression=0, header=40, masks=b"", w=W, h=H, colours=0, offset=None):
    info = struct.pack("<IiiHHIIiiII", header, w, h, 1, bits, compression, len(data), 2835, 2835, colours, 0) + masks
    info += bytes(max(header - len(info), 0))
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start if offset is None else offset) + info + palette + data


def core_bmp(bits, data, palette=b""):
    start = 26 + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + struct.pack("<IHHHH", 12, W, H, 1, bits) + palette + data


def padded(rows):
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def run_lengths(rows, bits):
    """Alternating runs and literals, some literals with an odd number of pixels."""
    out = b""
    for row in rows:
        row, i, literal = [int(v) for v in row], 0, False
        while i < len(row):
            n = min((5, 3, 4, 6)[i % 4], len(row) - i)
            if literal and n >= 3:
                body = (
                    bytes(row[i : i + n])
                    if bits == 8
                    else bytes(a << 4 | b for a, b in zip(row[i : i + n : 2], (row[i + 1 : i + n] + [0])[::2], strict=False))
                )
                out += bytes([0, n]) + body + bytes(len(body) % 2)
            else:
                n = 1
                out += bytes([1, row[i] << (0 if bits == 8 else 4)])
            i, literal = i + n, not literal
        out += b"\0\0"
    return out + b"\0\1"


def bmps():
    up = INDEX[::-1]
    palette = b"".join(bytes(c) + b"\0" for c in RANDOM.integers(0, 256, (16, 3), np.uint8))
    look = np.frombuffer(palette, np.uint8).reshape(16, 4)[:, 2::-1]
    pixels = rgb(look[INDEX])
    (
        write("rle8.bmp", bmpfile(8, run_lengths(up, 8), palette, 1, colours=16)),
        write("rle8_v5.bmp", bmpfile(8, run_lengths(up, 8), palette, 1, header=124, colours=16)),
    )
    write("rle8_topdown.bmp", bmpfile(8, run_lengths(INDEX, 8), palette, 1, colours=16, h=-H))
    write("rle4.bmp", bmpfile(4, run_lengths(up, 4), palette, 2), pixels)  # Pillow fails at literals of an odd number of pixels
    early = look[np.vstack([np.zeros((4, W), int), INDEX[4:]])]
    write("rle8_early_end.bmp", bmpfile(8, run_lengths(up[:5], 8), palette, 1, colours=16), rgb(early))  # Pillow refuses it
    blank = look[np.vstack([INDEX[2:], np.zeros((2, W), int)])]
    write(
        "rle8_blank_rows.bmp", bmpfile(8, b"\0\0" * 2 + run_lengths(up, 8), palette, 1, colours=16), rgb(blank)
    )  # Pillow skips them
    moved = bytes([4, 7, 0, 2, 3, 0, 4, 9, 0, 0, 4, 5, 0, 2, 2, 1]) + b"".join(bytes([W, k, 0, 0]) for k in range(H))
    (
        write("rle8_moves.bmp", bmpfile(8, moved + b"\0\1", palette, 1, colours=16)),
        write("rle8_too_long.bmp", bmpfile(8, bytes([40, 3, 0, 0]) * H, palette, 1, colours=16)),
    )
    write("rle4_runs.bmp", bmpfile(4, b"".join(bytes([W, 0x12 + k, 0, 0]) for k in range(H)), palette, 2))
    five = (A[::-1].astype(int) >> 3).astype(np.uint16)
    six = (A[::-1, :, 1].astype(int) >> 2).astype(np.uint16)
    b555 = padded(r.astype("<u2").tobytes() for r in five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2])
    b565 = padded(r.astype("<u2").tobytes() for r in five[..., 0] << 11 | six << 5 | five[..., 2])
    m565, m555 = struct.pack("<III", 0xF800, 0x7E0, 0x1F), struct.pack("<III", 0x7C00, 0x3E0, 0x1F)
    write("rgb555.bmp", bmpfile(16, b555)), write("rgb555_masks.bmp", bmpfile(16, b555, compression=3, masks=m555))
    for header in (40, 52, 56, 108, 124):
        write(f"rgb565_{header}.bmp", bmpfile(16, b565, compression=3, masks=m565, header=header))
    four = (A[::-1].astype(int) >> 4).astype(np.uint16)
    write(
        "rgb444.bmp",
        bmpfile(
            16,
            padded(r.astype("<u2").tobytes() for r in four[..., 0] << 8 | four[..., 1] << 4 | four[..., 2]),
            compression=3,
            masks=struct.pack("<III", 0xF00, 0xF0, 0xF),
        ),
        rgb((A.astype(int) >> 4) * 255 // 15),
    )  # Pillow has no such masks
    word = np.dstack([A[::-1, :, ::-1], np.full((H, W), 7, np.uint8)]).tobytes()
    for i, masks in enumerate(
        (
            (0xFF0000, 0xFF00, 0xFF, 0),
            (0xFF000000, 0xFF0000, 0xFF00, 0),
            (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
            (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
            (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
            (0, 0, 0, 0),
        )
    ):
        write(f"masks{i}.bmp", bmpfile(32, word, compression=3, masks=struct.pack("<IIII", *masks), header=108))
    (
        write("masks32_40.bmp", bmpfile(32, word, compression=3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF))),
        write("rgb32.bmp", bmpfile(32, word)),
    )
    lines = [r.tobytes() for r in A[::-1, :, ::-1]]
    (
        write("os2_24.bmp", core_bmp(24, padded(lines))),
        write(
            "os2_8.bmp",
            core_bmp(
                8, padded(r.astype(np.uint8).tobytes() for r in up), b"".join(palette[i : i + 3] for i in range(0, 64, 4)) + bytes(720)
            ),
        ),
    )
    (
        write("os2_64.bmp", bmpfile(24, padded(lines), header=64)),
        write("topdown.bmp", bmpfile(24, padded(lines[::-1]), h=-H)),
        write("no_padding.bmp", bmpfile(24, padded(lines)[:-3])),
    )
    eight = padded(r.astype(np.uint8).tobytes() for r in up)
    (
        write("palette_short.bmp", bmpfile(8, eight, palette[:40], colours=10)),
        write("offset_before_palette.bmp", bmpfile(8, eight, palette, colours=16, offset=54)),
        write("offset_none.bmp", bmpfile(8, eight, palette, colours=16, offset=0)),
    )
    nibbles = padded(bytes(int(a) << 4 | int(b) for a, b in zip(r[::2], [*r[1::2], 0], strict=False)) for r in up)
    (
        write("four_bits.bmp", bmpfile(4, nibbles, palette)),
        write("one_bit.bmp", bmpfile(1, padded(r.tobytes() for r in np.packbits(GREY[::-1] > 128, axis=1)), palette[4:12])),
    )
    for name, file in (
        ("dib", bmpfile(24, padded(lines))),
        ("dib_palette", bmpfile(8, eight, palette, colours=16)),
        ("dib_core", core_bmp(24, padded(lines))),
    ):
        write(f"{name}.bmp", file[14:])  # without the file header
