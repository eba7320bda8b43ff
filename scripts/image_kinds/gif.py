"""GIF files by hand."""

import struct
import numpy as np
from image_kinds.golden import H, INDEX, RANDOM, rgb, W, write


def lzw(indices, bits=8, end=True):
    """Codes with the table cleared before it grows."""
    clear, out, value, have = 1 << bits, bytearray(), 0, 0
    codes = []
    for i, v in enumerate(indices):
        codes += [clear, v] if i % (clear - 2) == 0 else [v]
    for code in codes + [clear + 1] * end:
        value |= code << have
        have += bits + 1
        while have >= 8:
            out.append(value & 255)
            value, have = value >> 8, have - 8
    out.append(value & 255)
    blocks = b"".join(bytes([len(out[i : i + 255])]) + out[i : i + 255] for i in range(0, len(out), 255))
    return bytes([bits]) + blocks + b"\0"


def giffile(indices, screen=(W, H), at=(0, 0), size=(W, H), palette=None, local=None, before=b"", flags=0, **options):
    def table(p):
        return (0x80 | (len(p) // 3 - 1).bit_length() - 1, p) if p else (0, b"")

    screen_flags, global_table = table(palette)
    frame_flags, local_table = table(local)
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", *screen, screen_flags, 7, 0)
        + global_table
        + before
        + b","
        + struct.pack("<HHHHB", *at, *size, frame_flags | flags)
        + local_table
        + lzw(indices, **options)
        + b";"
    )


def gifs():
    flat, palette = INDEX.flatten().tolist(), bytes(RANDOM.integers(0, 256, 3 * 256, np.uint8))

    def control(index, flags=1):
        return b"!\xf9\x04" + bytes([flags, 0, 0, index]) + b"\0"

    order = [y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, H, step)]
    write("interlaced.gif", giffile(INDEX[order].flatten().tolist(), palette=palette, flags=0x40))
    (
        write("beyond_screen.gif", giffile(flat, at=(4, 3), palette=palette)),
        write("no_screen.gif", giffile(flat, screen=(0, 0), palette=palette)),
    )
    (
        write("beyond_palette.gif", giffile(flat, palette=palette[: 3 * 8])),
        write("no_palette.gif", giffile(flat)),
        write("local_palette.gif", giffile(flat, local=palette)),
    )
    write("smaller_frame.gif", giffile(flat, screen=(W + 5, H + 3), at=(2, 1), palette=palette, before=control(5)))
    write("smaller_frame_opaque.gif", giffile(flat, screen=(W + 5, H + 3), at=(2, 1), palette=palette))
    write("smaller_frame_grey.gif", giffile(flat, screen=(W + 5, H + 3), at=(2, 1), before=control(200)))
    write("transparent_beyond.gif", giffile(flat, screen=(W + 5, H + 3), palette=palette[: 3 * 16], before=control(200)))
    write("more_codes.gif", giffile(flat + [1] * 40, palette=palette)), write("no_end_code.gif", giffile(flat, palette=palette, end=False))
    (
        write("stray_bytes.gif", giffile(flat, palette=palette, before=b"\0\0\x11")),
        write("no_trailer.gif", giffile(flat, palette=palette)[:-1]),
    )
    write("comments.gif", giffile(flat, palette=palette, before=b"!\xfe\5hello\3abc\0!\x01\x0c" + bytes(12) + b"\3abc\0!\xfe\0"))
    write("four_bits.gif", giffile(flat, palette=palette, bits=4))
    write(
        "local_grey.gif", giffile(flat, palette=palette, local=bytes(v for i in range(256) for v in (i, i, i))), rgb(INDEX)
    )  # Pillow uses the other palette
