#!/usr/bin/env python3
"""Makes engine/data/demo/omniglot.zip.gz, the images embedded in the binary: 200 training and 160 test classes of
Omniglot, evenly spaced, all 20 drawings of each, at their 105x105 black-on-white pixels.

    pip install pillow && python scripts/demo_data.py omniglot.zip

The source is a zip of train/<class>/*.png and test/<class>/*.png (Brenden Lake's images_background and
images_evaluation). Pixels are kept bit for bit; files are re-packed as 1-bit PNG, named 01.png to 20.png.
The zip is stored and then compressed as a whole, because its 7200 headers are half of it and very similar.
"""
import gzip, io, pathlib, struct, sys, zipfile, zlib
import numpy as np
from PIL import Image

OUT = pathlib.Path(__file__).resolve().parent.parent / "engine" / "data" / "demo"
CLASSES = {"train": 200, "test": 160}


def png(ink):
    """A 1-bit grey PNG of the rows, with the better of the row filters 0 (none) and 2 (difference to the row above,
    on packed bytes); the smallest chunks that the format allows."""
    h, w = ink.shape
    rows = np.packbits(ink, axis=1)
    plain = b"".join(b"\0" + r.tobytes() for r in rows)
    above = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
    up = b"".join(b"\2" + (r - p).astype(np.uint8).tobytes() for r, p in zip(rows, above, strict=True))
    packed = min((deflate(v) for v in (plain, up)), key=len)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", w, h, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def deflate(data):
    best = None
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_RLE, zlib.Z_FIXED):
        c = zlib.compressobj(9, zlib.DEFLATED, 15, 9, strategy)
        b = c.compress(data) + c.flush()
        best = b if best is None or len(b) < len(best) else best
    return best


def main(path):
    source = zipfile.ZipFile(path)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as out:
        for split, wanted in CLASSES.items():
            names = sorted(n for n in source.namelist() if n.startswith(split + "/") and n.endswith(".png"))
            classes = sorted({n.split("/")[1] for n in names})
            for i in range(wanted):
                label = classes[i * len(classes) // wanted]
                drawings = [n for n in names if n.split("/")[1] == label]
                for number, name in enumerate(drawings, 1):
                    ink = np.asarray(Image.open(io.BytesIO(source.read(name))).convert("L")) > 127
                    data = png(ink)
                    assert (np.asarray(Image.open(io.BytesIO(data)).convert("L")) == ink * 255).all()
                    out.writestr(zipfile.ZipInfo(f"{split}/{label}/{number:02}.png"), data)
    (OUT / "omniglot.zip.gz").write_bytes(gzip.compress(whole.getvalue(), 9, mtime=0))
    (OUT / "LICENSE").write_bytes(source.read("LICENSE"))


if __name__ == "__main__":
    main(sys.argv[1])
