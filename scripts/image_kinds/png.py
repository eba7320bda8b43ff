"""PNG files whose container is unusual or damaged, and unusual pixels."""

import struct, zlib
import numpy as np
from image_kinds.golden import A, encoded, GREY, H, IM, INDEX, rgb, W, write


def chunk(kind, body, crc=None):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)


def rows8(a, filters=b"\0"):
    return b"".join(filters + row.tobytes() for row in np.asarray(a))


def pngdata(raw):
    return chunk(b"IDAT", zlib.compress(raw))


def pngfile(data, depth=8, colours=2, before=b"", end=None, interlace=0, header=b"", w=W, h=H):
    ihdr = struct.pack(">IIBBBBB", w, h, depth, colours, 0, 0, interlace) + header
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + before + data + (chunk(b"IEND", b"") if end is None else end)


def interlaced(a):
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return b"".join(rows8(a[y::dy, x::dx]) for x, y, dx, dy in passes if a[y::dy, x::dx].size)


def pngs():
    raw = rows8(A)
    packed = zlib.compress(raw)
    data, palette = pngdata(raw), bytes(IM.quantize(16).getpalette()[: 3 * 16])
    (
        write("no_end.png", pngfile(data, end=b"")),
        write("cut_in_checksum.png", pngfile(data[:-2], end=b"")),
        write("no_checksum.png", pngfile(data[:-4], end=b"")),
    )
    write("long_chunk.png", pngfile(struct.pack(">I", 1 << 20) + data[4:-4], end=b""))
    write("wrong_checksum.png", pngfile(chunk(b"IDAT", packed, 1))), write("wrong_end.png", pngfile(data, end=chunk(b"IEND", b"", 1)))
    write("extra_row.png", pngfile(pngdata(raw + raw[: 3 * W + 1]))), write("extra_byte.png", pngfile(pngdata(raw + b"x")))
    (
        write("fewer_rows.png", pngfile(pngdata(raw[: 3 * (3 * W + 1)]))),
        write("no_adler.png", pngfile(chunk(b"IDAT", packed[:-4]))),
        write("junk_behind.png", pngfile(chunk(b"IDAT", packed + b"junk"))),
    )
    write("empty_chunks.png", pngfile(chunk(b"IDAT", b"") + chunk(b"IDAT", packed[:9]) + chunk(b"IDAT", packed[9:]) + chunk(b"IDAT", b"")))
    write(
        "header_late.png",
        pngfile(data, before=b"").replace(
            chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0)),
            chunk(b"tEXt", b"a\0b") + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0)),
        ),
    )
    write("header_long.png", pngfile(data, header=b"xx")), write("unknown_chunk.png", pngfile(data, before=chunk(b"ABCD", b"x")))
    write("text_behind.png", pngfile(data + chunk(b"tEXt", b"a\0b", 1)))
    write("text_wrong.png", pngfile(data, before=chunk(b"tEXt", b"a\0b", 1)), IM)  # Pillow refuses it
    indices = pngdata(rows8(INDEX.astype(np.uint8)))

    def plte(p):
        return chunk(b"PLTE", p)

    write("alpha_first.png", pngfile(indices, colours=3, before=chunk(b"tRNS", b"\0\1") + plte(palette)))
    write("alpha_long.png", pngfile(indices, colours=3, before=plte(palette) + chunk(b"tRNS", bytes(40))))
    (
        write("no_palette.png", pngfile(indices, colours=3)),
        write("palette_late.png", pngfile(indices, colours=3, end=plte(palette) + chunk(b"IEND", b""))),
    )
    (
        write("palette_twice.png", pngfile(indices, colours=3, before=plte(palette) + plte(palette[::-1]))),
        write("palette_odd.png", pngfile(indices, colours=3, before=plte(palette[:-1]))),
    )
    (
        write("palette_short.png", pngfile(indices, colours=3, before=plte(palette[:18]))),
        write("palette_of_grey.png", pngfile(pngdata(rows8(GREY)), colours=0, before=plte(palette))),
    )
    write("extra_row_indices.png", pngfile(pngdata(rows8(INDEX.astype(np.uint8)) + bytes(W + 1)), colours=3, before=plte(palette)))
    wide = A.astype(np.uint16) * 257 ^ 0x1155
    rgba = np.dstack([wide, np.full((H, W), 0x1234, np.uint16)]).astype(">u2")
    (
        write("rgba16.png", pngfile(pngdata(rows8(rgba)), depth=16, colours=6)),
        write("greyalpha16.png", pngfile(pngdata(rows8(rgba[..., 2:])), depth=16, colours=4)),
    )
    write("rgb16_key.png", pngfile(pngdata(rows8(rgba[..., :3].copy())), depth=16, before=chunk(b"tRNS", rgba[0, 0, :3].tobytes())))
    (
        write("interlaced.png", pngfile(pngdata(interlaced(A)), interlace=1)),
        write("interlaced_extra.png", pngfile(pngdata(interlaced(A) + b"x"), interlace=1, end=b"")),
    )
    write("interlaced16_no_end.png", pngfile(pngdata(interlaced(rgba)), depth=16, colours=6, interlace=1, end=b""))
    write("interlaced_fewer.png", pngfile(pngdata(interlaced(A)[:100]), interlace=1))
    bits = np.packbits(GREY > 128, axis=1)
    write("bits_no_end.png", pngfile(pngdata(rows8(bits)), depth=1, colours=0, end=b""))
    write("animated.png", encoded(IM, "PNG", save_all=True, append_images=[rgb(255 - A)]))
