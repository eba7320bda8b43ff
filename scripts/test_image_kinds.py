#!/usr/bin/env python3
"""Writes testdata/images/kinds: tiny files of the kinds that are met less often, with the pixels that Pillow gives for each
(NAME.ppm: convert("RGB") after exif_transpose). Where the project and Pillow differ on purpose, the pixels are given here.

    apt-get install libjpeg-turbo-progs    (cjpeg)
    pip install pillow numpy && python scripts/test_image_kinds.py
"""
import io, shutil, struct, subprocess, zlib
import numpy as np
from PIL import Image, ImageOps
from test_images import OUT, picture

KINDS = OUT / "kinds"
W, H = 11, 9
IM = picture(W, H)
A = np.asarray(IM)
GREY = np.asarray(IM.convert("L"))
INDEX = np.asarray(IM.quantize(16))
RANDOM = np.random.default_rng(0)


def write(name, data, expected=None):
    (KINDS / name).write_bytes(data)
    if expected is None:
        expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    expected.save(KINDS / (name + ".ppm"))


def rgb(a):
    return Image.fromarray(np.asarray(a, np.uint8)).convert("RGB")


def encoded(im, kind, **options):
    b = io.BytesIO()
    im.save(b, kind, **options)
    return b.getvalue()


# ---- JPEG


def cjpeg(im, *options):
    return subprocess.run(["cjpeg", "-quality", "90", *options], input=encoded(im, "PPM"), capture_output=True, check=True).stdout


def jpegs():
    im = picture(37, 35)  # more than two MCUs of the largest factors
    for name, factors in (("cb21_cr11", "2x1,2x1,1x1"), ("cb_cr_differ", "2x2,2x1,1x2"), ("y14", "1x4,1x1,1x1"), ("y31", "3x1,1x1,1x1"),
                          ("y21_c12", "2x1,1x2,1x2"), ("y24", "2x4,1x1,1x1"), ("y32", "3x2,1x1,1x1"), ("y11_c22", "1x1,2x2,1x1"),
                          ("ratio42", "4x2,1x1,1x1"), ("y41_c21", "4x1,2x1,1x1")):
        write(f"{name}.jpg", cjpeg(im, "-sample", factors))
    write("y31_progressive.jpg", cjpeg(im, "-sample", "3x1,1x1,1x1", "-progressive"))
    write("arithmetic.jpg", cjpeg(im, "-arithmetic", "-restart", "1")), write("arithmetic_progressive.jpg", cjpeg(im, "-arithmetic", "-progressive"))
    write("arithmetic_grey.jpg", cjpeg(im, "-arithmetic", "-grayscale")), write("rgb_subsampled.jpg", cjpeg(im, "-rgb", "-sample", "2x2,1x1,2x1"))
    plain = encoded(im, "JPEG", quality=90)
    ink = encoded(im.convert("CMYK"), "JPEG", quality=90)
    at = ink.index(b"\xff\xee")
    write("ink_unmarked.jpg", ink[:at] + ink[at + 16 :]), write("ink_ycck.jpg", ink[: at + 15] + b"\2" + ink[at + 16 :])
    restarts = encoded(im, "JPEG", quality=90, restart_marker_blocks=1)
    write("restart_wrong.jpg", restarts.replace(b"\xff\xd1", b"\xff\xd5", 1)), write("restart_lacking.jpg", restarts.replace(b"\xff\xd1", b"", 1))
    scan = plain.index(b"\xff\xda")
    write("stray_bytes.jpg", plain[:scan] + b"\0\x11\x22" + plain[scan:]), write("stray_at_end.jpg", plain[:-2] + b"\0\0A" + plain[-2:])
    write("zeros_for_end.jpg", plain[:-40] + bytes(200)), write("early_end.jpg", plain[: scan + 200] + b"\xff\xd9" + plain[-2:])
    write("no_end.jpg", plain[:-2], Image.open(io.BytesIO(plain)))  # Pillow refuses it, though no code is missing
    middle = (scan + len(plain)) // 2
    write("wrong_codes.jpg", plain[:middle] + bytes(v ^ 0x55 for v in plain[middle : middle + 8]) + plain[middle + 8 :])


# ---- orientation


def exif(value, kind=3, count=1):
    field = struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
    return b"II*\0" + struct.pack("<IHHHI", 8, 1, 274, kind, count) + field + bytes(4)


def xmp(value, element=False):
    text = f"<tiff:Orientation>{value}</tiff:Orientation>" if element else f'<x tiff:Orientation="{value}"/>'
    return b"<x:xmpmeta>" + text.encode() + b"</x:xmpmeta>"


def orientations():
    plain = encoded(IM, "JPEG", quality=95, subsampling=0)
    segment = lambda body: b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    jpeg = lambda *bodies: plain[:2] + b"".join(map(segment, bodies)) + plain[2:]
    e, x = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
    write("long6.jpg", jpeg(e + exif(6, kind=4))), write("byte6.jpg", jpeg(e + exif(6, kind=1))), write("two6.jpg", jpeg(e + exif(6, count=2)))
    write("xmp8.jpg", jpeg(x + xmp(8))), write("xmp5_element.jpg", jpeg(x + xmp(5, True))), write("exif_before_xmp.jpg", jpeg(x + xmp(8), e + exif(3)))
    write("exif0_and_xmp.jpg", jpeg(x + xmp(8), e + exif(0))), write("exif_in_parts.jpg", jpeg(e + exif(7)[:12], e + exif(7)[12:]))
    png = lambda *chunks: pngfile(pngdata(rows8(A)), before=b"".join(chunks))
    mark = e + exif(6)
    digits = b"\nexif\n%8d\n" % len(mark) + mark.hex().encode()[:70] + b"\n" + mark.hex().encode()[70:] + b"\n"
    write("marked6.png", png(chunk(b"eXIf", mark))), write("profile6.png", png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits))))
    write("profile6_plain.png", png(chunk(b"tEXt", b"Raw profile type exif\0" + digits)))
    write("xmp6.png", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6)))), write("xmp3_packed.png", png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0\0" + zlib.compress(xmp(3)))))
    write("exif_and_xmp.png", png(chunk(b"eXIf", exif(8)), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6))))
    write("xmp6.webp", encoded(IM, "WEBP", lossless=True, xmp=xmp(6)))


# ---- PNG


def chunk(kind, body, crc=None):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)


def rows8(a, filters=b"\0"):
    return b"".join(filters + row.tobytes() for row in np.asarray(a))


def pngdata(raw):
    return chunk(b"IDAT", zlib.compress(raw))


def pngfile(data, depth=8, colours=2, before=b"", end=chunk(b"IEND", b""), interlace=0, header=b"", w=W, h=H):
    ihdr = struct.pack(">IIBBBBB", w, h, depth, colours, 0, 0, interlace) + header
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + before + data + end


def interlaced(a):
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return b"".join(rows8(a[y::dy, x::dx]) for x, y, dx, dy in passes if a[y::dy, x::dx].size)


def pngs():
    raw = rows8(A)
    packed = zlib.compress(raw)
    data, palette = pngdata(raw), bytes(IM.quantize(16).getpalette()[: 3 * 16])
    write("no_end.png", pngfile(data, end=b"")), write("cut_in_checksum.png", pngfile(data[:-2], end=b"")), write("no_checksum.png", pngfile(data[:-4], end=b""))
    write("long_chunk.png", pngfile(struct.pack(">I", 1 << 20) + data[4:-4], end=b""))
    write("wrong_checksum.png", pngfile(chunk(b"IDAT", packed, 1))), write("wrong_end.png", pngfile(data, end=chunk(b"IEND", b"", 1)))
    write("extra_row.png", pngfile(pngdata(raw + raw[: 3 * W + 1]))), write("extra_byte.png", pngfile(pngdata(raw + b"x")))
    write("fewer_rows.png", pngfile(pngdata(raw[: 3 * (3 * W + 1)]))), write("no_adler.png", pngfile(chunk(b"IDAT", packed[:-4]))), write("junk_behind.png", pngfile(chunk(b"IDAT", packed + b"junk")))
    write("empty_chunks.png", pngfile(chunk(b"IDAT", b"") + chunk(b"IDAT", packed[:9]) + chunk(b"IDAT", packed[9:]) + chunk(b"IDAT", b"")))
    write("header_late.png", pngfile(data, before=b"").replace(chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0)),
                                                            chunk(b"tEXt", b"a\0b") + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0))))
    write("header_long.png", pngfile(data, header=b"xx")), write("unknown_chunk.png", pngfile(data, before=chunk(b"ABCD", b"x")))
    write("text_behind.png", pngfile(data + chunk(b"tEXt", b"a\0b", 1)))
    write("text_wrong.png", pngfile(data, before=chunk(b"tEXt", b"a\0b", 1)), IM)  # Pillow refuses it
    indices = pngdata(rows8(INDEX.astype(np.uint8)))
    plte = lambda p: chunk(b"PLTE", p)
    write("alpha_first.png", pngfile(indices, colours=3, before=chunk(b"tRNS", b"\0\1") + plte(palette)))
    write("alpha_long.png", pngfile(indices, colours=3, before=plte(palette) + chunk(b"tRNS", bytes(40))))
    write("no_palette.png", pngfile(indices, colours=3)), write("palette_late.png", pngfile(indices, colours=3, end=plte(palette) + chunk(b"IEND", b"")))
    write("palette_twice.png", pngfile(indices, colours=3, before=plte(palette) + plte(palette[::-1]))), write("palette_odd.png", pngfile(indices, colours=3, before=plte(palette[:-1])))
    write("palette_short.png", pngfile(indices, colours=3, before=plte(palette[:18]))), write("palette_of_grey.png", pngfile(pngdata(rows8(GREY)), colours=0, before=plte(palette)))
    write("extra_row_indices.png", pngfile(pngdata(rows8(INDEX.astype(np.uint8)) + bytes(W + 1)), colours=3, before=plte(palette)))
    wide = A.astype(np.uint16) * 257 ^ 0x1155
    rgba = np.dstack([wide, np.full((H, W), 0x1234, np.uint16)]).astype(">u2")
    write("rgba16.png", pngfile(pngdata(rows8(rgba)), depth=16, colours=6)), write("greyalpha16.png", pngfile(pngdata(rows8(rgba[..., 2:])), depth=16, colours=4))
    write("rgb16_key.png", pngfile(pngdata(rows8(rgba[..., :3].copy())), depth=16, before=chunk(b"tRNS", rgba[0, 0, :3].tobytes())))
    write("interlaced.png", pngfile(pngdata(interlaced(A)), interlace=1)), write("interlaced_extra.png", pngfile(pngdata(interlaced(A) + b"x"), interlace=1, end=b""))
    write("interlaced16_no_end.png", pngfile(pngdata(interlaced(rgba)), depth=16, colours=6, interlace=1, end=b""))
    write("interlaced_fewer.png", pngfile(pngdata(interlaced(A)[:100]), interlace=1))
    bits = np.packbits(GREY > 128, axis=1)
    write("bits_no_end.png", pngfile(pngdata(rows8(bits)), depth=1, colours=0, end=b""))
    write("animated.png", encoded(IM, "PNG", save_all=True, append_images=[rgb(255 - A)]))


# ---- GIF


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
    return (b"GIF89a" + struct.pack("<HHBBB", *screen, screen_flags, 7, 0) + global_table + before
            + b"," + struct.pack("<HHHHB", *at, *size, frame_flags | flags) + local_table + lzw(indices, **options) + b";")


def gifs():
    flat, palette = INDEX.flatten().tolist(), bytes(RANDOM.integers(0, 256, 3 * 256, np.uint8))
    control = lambda index, flags=1: b"!\xf9\x04" + bytes([flags, 0, 0, index]) + b"\0"
    order = [y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, H, step)]
    write("interlaced.gif", giffile(INDEX[order].flatten().tolist(), palette=palette, flags=0x40))
    write("beyond_screen.gif", giffile(flat, at=(4, 3), palette=palette)), write("no_screen.gif", giffile(flat, screen=(0, 0), palette=palette))
    write("beyond_palette.gif", giffile(flat, palette=palette[: 3 * 8])), write("no_palette.gif", giffile(flat)), write("local_palette.gif", giffile(flat, local=palette))
    write("smaller_frame.gif", giffile(flat, screen=(W + 5, H + 3), at=(2, 1), palette=palette, before=control(5)))
    write("smaller_frame_opaque.gif", giffile(flat, screen=(W + 5, H + 3), at=(2, 1), palette=palette))
    write("smaller_frame_grey.gif", giffile(flat, screen=(W + 5, H + 3), at=(2, 1), before=control(200)))
    write("transparent_beyond.gif", giffile(flat, screen=(W + 5, H + 3), palette=palette[: 3 * 16], before=control(200)))
    write("more_codes.gif", giffile(flat + [1] * 40, palette=palette)), write("no_end_code.gif", giffile(flat, palette=palette, end=False))
    write("stray_bytes.gif", giffile(flat, palette=palette, before=b"\0\0\x11")), write("no_trailer.gif", giffile(flat, palette=palette)[:-1])
    write("comments.gif", giffile(flat, palette=palette, before=b"!\xfe\5hello\3abc\0!\x01\x0c" + bytes(12) + b"\3abc\0!\xfe\0"))
    write("four_bits.gif", giffile(flat, palette=palette, bits=4))
    write("local_grey.gif", giffile(flat, palette=palette, local=bytes(v for i in range(256) for v in (i, i, i))),
          rgb(INDEX))  # Pillow takes the other palette


# ---- BMP


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
    """Runs and literals in turn, literals of an odd number of pixels among them."""
    out = b""
    for row in rows:
        row, i, literal = [int(v) for v in row], 0, False
        while i < len(row):
            n = min((5, 3, 4, 6)[i % 4], len(row) - i)
            if literal and n >= 3:
                body = bytes(row[i : i + n]) if bits == 8 else bytes(a << 4 | b for a, b in zip(row[i : i + n : 2], (row[i + 1 : i + n] + [0])[::2]))
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
    write("rle8.bmp", bmpfile(8, run_lengths(up, 8), palette, 1, colours=16)), write("rle8_v5.bmp", bmpfile(8, run_lengths(up, 8), palette, 1, header=124, colours=16))
    write("rle8_topdown.bmp", bmpfile(8, run_lengths(INDEX, 8), palette, 1, colours=16, h=-H))
    write("rle4.bmp", bmpfile(4, run_lengths(up, 4), palette, 2), pixels)  # Pillow fails at literals of an odd number of pixels
    early = look[np.vstack([np.zeros((4, W), int), INDEX[4:]])]
    write("rle8_early_end.bmp", bmpfile(8, run_lengths(up[:5], 8), palette, 1, colours=16), rgb(early))  # Pillow refuses it
    blank = look[np.vstack([INDEX[2:], np.zeros((2, W), int)])]
    write("rle8_blank_rows.bmp", bmpfile(8, b"\0\0" * 2 + run_lengths(up, 8), palette, 1, colours=16), rgb(blank))  # Pillow passes over them
    moved = bytes([4, 7, 0, 2, 3, 0, 4, 9, 0, 0, 4, 5, 0, 2, 2, 1]) + b"".join(bytes([W, k, 0, 0]) for k in range(H))
    write("rle8_moves.bmp", bmpfile(8, moved + b"\0\1", palette, 1, colours=16)), write("rle8_too_long.bmp", bmpfile(8, bytes([40, 3, 0, 0]) * H, palette, 1, colours=16))
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
    write("rgb444.bmp", bmpfile(16, padded(r.astype("<u2").tobytes() for r in four[..., 0] << 8 | four[..., 1] << 4 | four[..., 2]), compression=3,
                                masks=struct.pack("<III", 0xF00, 0xF0, 0xF)), rgb((A.astype(int) >> 4) * 255 // 15))  # Pillow has no such masks
    word = np.dstack([A[::-1, :, ::-1], np.full((H, W), 7, np.uint8)]).tobytes()
    for i, masks in enumerate(((0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
                               (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0, 0, 0, 0))):
        write(f"masks{i}.bmp", bmpfile(32, word, compression=3, masks=struct.pack("<IIII", *masks), header=108))
    write("masks32_40.bmp", bmpfile(32, word, compression=3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF))), write("rgb32.bmp", bmpfile(32, word))
    lines = [r.tobytes() for r in A[::-1, :, ::-1]]
    write("os2_24.bmp", core_bmp(24, padded(lines))), write("os2_8.bmp", core_bmp(8, padded(r.astype(np.uint8).tobytes() for r in up), b"".join(palette[i : i + 3] for i in range(0, 64, 4)) + bytes(720)))
    write("os2_64.bmp", bmpfile(24, padded(lines), header=64)), write("topdown.bmp", bmpfile(24, padded(lines[::-1]), h=-H)), write("no_padding.bmp", bmpfile(24, padded(lines)[:-3]))
    eight = padded(r.astype(np.uint8).tobytes() for r in up)
    write("palette_short.bmp", bmpfile(8, eight, palette[:40], colours=10)), write("offset_before_palette.bmp", bmpfile(8, eight, palette, colours=16, offset=54)), write("offset_none.bmp", bmpfile(8, eight, palette, colours=16, offset=0))
    nibbles = padded(bytes(int(a) << 4 | int(b) for a, b in zip(r[::2], [*r[1::2], 0])) for r in up)
    write("four_bits.bmp", bmpfile(4, nibbles, palette)), write("one_bit.bmp", bmpfile(1, padded(r.tobytes() for r in np.packbits(GREY[::-1] > 128, axis=1)), palette[4:12]))


# ---- PNM


def pnms():
    text = lambda a, most: " ".join(str(int(v) * most // 255) for v in np.asarray(a).flatten())
    bits = np.packbits(GREY < 128, axis=1).tobytes()
    write("bits.pnm", b"P4\n%d %d\n" % (W, H) + bits)
    write("bits_plain.pnm", f"P1 # a comment\n{W} {H}\n".encode() + "\n".join("".join(str(int(v < 128)) for v in r) + "# row" for r in GREY).encode() + b"\n")
    for most in (1, 2, 10, 100, 254, 255):
        write(f"grey{most}.pnm", f"P5\n{W} {H}\n{most}\n".encode() + bytes(int(v) * most // 255 for v in GREY.flatten()))
        write(f"grey{most}_plain.pnm", f"P2\n{W} {H}\n{most}\n{text(GREY, most)}\n".encode()), write(f"rgb{most}_plain.pnm", f"P3\n{W} {H} {most} {text(A, most)}".encode())
        write(f"rgb{most}.pnm", f"P6\n{W} {H}\n{most}\n".encode() + bytes(int(v) * most // 255 for v in A.flatten()))
    for most in (256, 1000, 65535):
        write(f"rgb{most}.pnm", f"P6\n{W} {H}\n{most}\n".encode() + (A.astype(int) * most // 255).astype(">u2").tobytes())
    write("grey65535.pnm", f"P5\n{W} {H}\n65535\n".encode() + (GREY.astype(int) * 257).astype(">u2").tobytes(), rgb(GREY))  # Pillow clips it
    write("above.pnm", f"P6\n{W} {H}\n100\n".encode() + A.tobytes()), write("comments.pnm", f"P6\r\n# one\r\n{W}# two\n\t{H}\n#\n255\n".encode() + A.tobytes())


# ---- WebP


def webps():
    even = picture(12, 10)
    parts = lambda im, **options: encoded(im, "WEBP", **options)[12:]
    u24 = lambda v: struct.pack("<I", v)[:3]
    riff = lambda body: b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    piece = lambda kind, body: kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    size = u24(19) + u24(15)
    frame = lambda sub: piece(b"ANMF", u24(2) + u24(1) + u24(11) + u24(9) + u24(100) + b"\0" + sub)
    for name, sub in (("lossless", parts(even, lossless=True)), ("lossy", parts(even, quality=90))):
        write(f"animated_{name}.webp", riff(piece(b"VP8X", b"\2\0\0\0" + size) + piece(b"ANIM", b"\x10\x20\x30\xff\0\0") + frame(sub) * 2))
    rgba = IM.convert("RGBA")
    rgba.putalpha(Image.fromarray(GREY))
    write("animated_alpha.webp", encoded(rgba, "WEBP", save_all=True, append_images=[rgba.rotate(180)], lossless=True, exact=True))
    write("animated_whole.webp", encoded(IM, "WEBP", save_all=True, append_images=[rgb(255 - A)], quality=90))
    write("promised_alpha.webp", riff(piece(b"VP8X", b"\x10\0\0\0" + u24(11) + u24(9)) + parts(even, quality=90)))
    write("unknown_chunk.webp", riff(piece(b"VP8X", bytes(4) + u24(11) + u24(9)) + piece(b"abcd", b"xyz") + parts(even, quality=90)))


def main():
    shutil.rmtree(KINDS, ignore_errors=True)
    KINDS.mkdir(parents=True)
    jpegs(), orientations(), pngs(), gifs(), bmps(), pnms(), webps()


if __name__ == "__main__":
    main()
