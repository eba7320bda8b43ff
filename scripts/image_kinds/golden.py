"""The picture in the files, and functions that write a file and its pixels."""

import io
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
