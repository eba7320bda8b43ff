#!/usr/bin/env python3
"""Writes testdata/images/heif: tiny AVIF files with the pixels that Pillow gives for them, and HEIC files with those of pillow-heif
(NAME.ppm: convert("RGB") after exif_transpose). Files with halved chroma are smooth, because versions of libheif smooth or repeat it.

    pip install pillow numpy pillow-heif && python scripts/heif_images.py
"""
import io, pathlib
import numpy as np
import pillow_heif
from PIL import Image, ImageOps
from test_images import picture

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "images" / "heif"
W, H = 32, 24


def smooth():
    y, x = np.mgrid[0:H, 0:W]
    return Image.fromarray(np.stack([90 + 2 * x, 100 + 2 * y, 160 - x - y], -1).astype(np.uint8))


def write(name, data):
    (OUT / name).write_bytes(data)
    im = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    im.convert("RGB").save(OUT / (name + ".ppm"))


def saved(im, kind, **options):
    b = io.BytesIO()
    im.save(b, kind, **options)
    return b.getvalue()


def exif(orientation):
    e = Image.Exif()
    e[274] = orientation
    return e


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    pillow_heif.register_heif_opener()
    hard, soft = picture(W, H), smooth()
    alpha = hard.copy()
    alpha.putalpha(Image.linear_gradient("L").resize((W, H)))
    write("lossless.avif", saved(hard, "AVIF", quality=100, subsampling="4:4:4"))
    for limits in ("full", "limited"):
        write(f"whole{limits}.avif", saved(hard, "AVIF", quality=90, subsampling="4:4:4", range=limits))
        write(f"half{limits}.avif", saved(soft, "AVIF", quality=90, subsampling="4:2:2", range=limits))
        write(f"quarter{limits}.avif", saved(soft, "AVIF", quality=90, subsampling="4:2:0", range=limits))
        write(f"grey{limits}.avif", saved(hard, "AVIF", quality=90, subsampling="4:0:0", range=limits))
    write("alpha.avif", saved(alpha, "AVIF", quality=90, subsampling="4:4:4"))
    write("pages.avif", saved(hard, "AVIF", quality=90, subsampling="4:4:4", save_all=True, append_images=[ImageOps.invert(hard)]))
    write("whole.heic", saved(hard, "HEIF", quality=90, chroma=444))
    write("quarter.heic", saved(soft, "HEIF", quality=90, chroma=420))
    write("grey.heic", saved(hard.convert("L"), "HEIF", quality=90))
    write("alpha.heic", saved(alpha, "HEIF", quality=90, chroma=444))
    deep = pillow_heif.from_bytes(mode="RGB;16", size=soft.size, data=(np.asarray(soft).astype(np.uint16) << 8).tobytes())
    b = io.BytesIO()
    deep.save(b, quality=95)
    write("deep.heic", b.getvalue())
    for v in (3, 6, 7):
        write(f"orientation{v}.avif", saved(hard, "AVIF", quality=90, subsampling="4:4:4", exif=exif(v)))
        write(f"orientation{v}.heic", saved(hard, "HEIF", quality=90, chroma=444, exif=exif(v).tobytes()))


if __name__ == "__main__":
    main()
