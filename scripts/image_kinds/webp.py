"""Animations and unusual containers of WebP."""

import struct
from PIL import Image
from image_kinds.golden import A, encoded, GREY, IM, rgb, write
from test_images import picture


def webps():
    even = picture(12, 10)

    def parts(im, **options):
        return encoded(im, "WEBP", **options)[12:]

    def u24(v):
        return struct.pack("<I", v)[:3]

    def riff(body):
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body

    def piece(kind, body):
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    size = u24(19) + u24(15)

    def frame(sub):
        return piece(b"ANMF", u24(2) + u24(1) + u24(11) + u24(9) + u24(100) + b"\0" + sub)

    for name, sub in (("lossless", parts(even, lossless=True)), ("lossy", parts(even, quality=90))):
        write(f"animated_{name}.webp", riff(piece(b"VP8X", b"\2\0\0\0" + size) + piece(b"ANIM", b"\x10\x20\x30\xff\0\0") + frame(sub) * 2))
    rgba = IM.convert("RGBA")
    rgba.putalpha(Image.fromarray(GREY))
    write("animated_alpha.webp", encoded(rgba, "WEBP", save_all=True, append_images=[rgba.rotate(180)], lossless=True, exact=True))
    write("animated_whole.webp", encoded(IM, "WEBP", save_all=True, append_images=[rgb(255 - A)], quality=90))
    write("promised_alpha.webp", riff(piece(b"VP8X", b"\x10\0\0\0" + u24(11) + u24(9)) + parts(even, quality=90)))
    write("unknown_chunk.webp", riff(piece(b"VP8X", bytes(4) + u24(11) + u24(9)) + piece(b"abcd", b"xyz") + parts(even, quality=90)))
