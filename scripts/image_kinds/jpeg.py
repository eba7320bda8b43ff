"""JPEG files of all codings, sampling factors and colours, and damaged ones that libjpeg repairs."""

import io, subprocess
from PIL import Image
from image_kinds.golden import encoded, write
from test_images import picture


def cjpeg(im, *options):
    return subprocess.run(["cjpeg", "-quality", "90", *options], input=encoded(im, "PPM"), capture_output=True, check=True).stdout


def jpegs():
    im = picture(37, 35)  # more than two MCUs of the largest factors
    for name, factors in (
        ("cb21_cr11", "2x1,2x1,1x1"),
        ("cb_cr_differ", "2x2,2x1,1x2"),
        ("y14", "1x4,1x1,1x1"),
        ("y31", "3x1,1x1,1x1"),
        ("y21_c12", "2x1,1x2,1x2"),
        ("y24", "2x4,1x1,1x1"),
        ("y32", "3x2,1x1,1x1"),
        ("y11_c22", "1x1,2x2,1x1"),
        ("ratio42", "4x2,1x1,1x1"),
        ("y41_c21", "4x1,2x1,1x1"),
    ):
        write(f"{name}.jpg", cjpeg(im, "-sample", factors))
    write("y31_progressive.jpg", cjpeg(im, "-sample", "3x1,1x1,1x1", "-progressive"))
    (
        write("arithmetic.jpg", cjpeg(im, "-arithmetic", "-restart", "1")),
        write("arithmetic_progressive.jpg", cjpeg(im, "-arithmetic", "-progressive")),
    )
    (
        write("arithmetic_grey.jpg", cjpeg(im, "-arithmetic", "-grayscale")),
        write("rgb_subsampled.jpg", cjpeg(im, "-rgb", "-sample", "2x2,1x1,2x1")),
    )
    plain = encoded(im, "JPEG", quality=90)
    ink = encoded(im.convert("CMYK"), "JPEG", quality=90)
    at = ink.index(b"\xff\xee")
    write("ink_unmarked.jpg", ink[:at] + ink[at + 16 :]), write("ink_ycck.jpg", ink[: at + 15] + b"\2" + ink[at + 16 :])
    restarts = encoded(im, "JPEG", quality=90, restart_marker_blocks=1)
    (
        write("restart_wrong.jpg", restarts.replace(b"\xff\xd1", b"\xff\xd5", 1)),
        write("restart_lacking.jpg", restarts.replace(b"\xff\xd1", b"", 1)),
    )
    scan = plain.index(b"\xff\xda")
    write("stray_bytes.jpg", plain[:scan] + b"\0\x11\x22" + plain[scan:]), write("stray_at_end.jpg", plain[:-2] + b"\0\0A" + plain[-2:])
    write("zeros_for_end.jpg", plain[:-40] + bytes(200)), write("early_end.jpg", plain[: scan + 200] + b"\xff\xd9" + plain[-2:])
    write("no_end.jpg", plain[:-2], Image.open(io.BytesIO(plain)))  # Pillow refuses it, although no code is missing
    middle = (scan + len(plain)) // 2
    write("wrong_codes.jpg", plain[:middle] + bytes(v ^ 0x55 for v in plain[middle : middle + 8]) + plain[middle + 8 :])
