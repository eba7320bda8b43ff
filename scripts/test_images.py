#!/usr/bin/env python3
"""Writes testdata/images: one tiny file for every supported kind of image, with Pillow's pixels
for it (NAME.ppm: convert("RGB") after exif_transpose), and damaged files under damaged/,
and rgb.png resized by Pillow under resized/.

    pip install pillow numpy && python scripts/test_images.py
"""
import io, pathlib, struct, zlib
import numpy as np
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "images"
DAMAGED = OUT / "damaged"
RESIZED = OUT / "resized"
W, H = 23, 17                   # odd, so that subsampled planes have a half sample at the right and at the bottom


def picture(w=W, h=H):
    """Colour gradients with a hard-edged disc and a black bar: smooth and sharp chroma, all of the range."""
    y, x = np.mgrid[0:h, 0:w]
    a = np.stack([255 * x / max(w - 1, 1), 255 * y / max(h - 1, 1), 255 - 255 * (x + y) / max(w + h - 2, 1)], -1)
    a[(x - w / 3) ** 2 + (y - h / 2) ** 2 < (h / 3.5) ** 2] = 250, 30, 200
    a[h // 5 : h // 5 + 2] = 0
    return Image.fromarray(a.astype(np.uint8))


def write(name, data, expected=None):
    (OUT / name).write_bytes(data)
    im = Image.open(io.BytesIO(data))
    pixels = expected or ImageOps.exif_transpose(im).convert("RGB")
    pixels.save(OUT / (name + ".ppm"))


def save(name, im, expected=None, **options):
    b = io.BytesIO()
    im.save(b, {"jpg": "JPEG", "tif": "TIFF"}.get(name.rsplit(".", 1)[1], name.rsplit(".", 1)[1].upper()), **options)
    write(name, b.getvalue(), expected)
    return b.getvalue()


def png16(pixels, colour_type):
    """A PNG with 16-bit channels, which Pillow writes only for grey."""
    h, w = pixels.shape[:2]
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + pixels[y].astype(">u2").tobytes() for y in range(h))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 16, colour_type, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def jpegs(im):
    for name, ratio in (("444", 0), ("422", 1), ("420", 2)):
        save(f"baseline{name}.jpg", im, quality=90, subsampling=ratio)
        save(f"progressive{name}.jpg", im, quality=80, subsampling=ratio, progressive=True)
    for w, h in ((1, 1), (2, 2), (3, 5), (4, 4), (5, 3), (16, 16), (33, 34)):
        save(f"size{w}x{h}.jpg", picture(w, h), quality=90, subsampling=2)
        save(f"wide{w}x{h}.jpg", picture(w, h), quality=90, subsampling=1)
    # With enough data for libjpeg-turbo's fast paths, noise for codes of all lengths, optimised tables, restarts.
    noise = np.random.default_rng(0).integers(0, 256, (72, 96, 3), np.uint8)
    noise = Image.blend(picture(96, 72), Image.fromarray(noise), 0.5)
    save("noise420.jpg", noise, quality=97, subsampling=2)
    save("optimised422.jpg", noise, quality=90, subsampling=1, optimize=True)
    save("restart420.jpg", noise, quality=85, subsampling=2, restart_marker_blocks=3)
    save("noisegrey.jpg", noise.convert("L"), quality=95, restart_marker_rows=1)
    save("grey.jpg", im.convert("L"), quality=90)
    save("cmyk.jpg", im.convert("CMYK"), quality=95, subsampling=0)
    save("rgb.jpg", im, quality=90, keep_rgb=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        save(f"exif{orientation}.jpg", im, quality=90, subsampling=0, exif=exif)


def others(im):
    a = np.asarray(im)
    alpha = np.linspace(0, 255, W * H).reshape(H, W).astype(np.uint8)
    rgba = Image.fromarray(np.dstack([a, alpha]))
    save("rgb.png", im), save("rgba.png", rgba), save("grey.png", im.convert("L"))
    save("greyalpha.png", rgba.convert("LA")), save("bilevel.png", im.convert("1")), save("palette.png", im.quantize(16))
    transparent = im.quantize(8)
    save("palettealpha.png", transparent, transparency=bytes([0, 128, 255]))
    wide = a.astype(np.uint16) * 257 ^ 0x55
    write("rgb16.png", png16(wide, 2))
    write("grey16.png", png16(wide[..., 1], 0), Image.fromarray((wide[..., 1] >> 8).astype(np.uint8)).convert("RGB"))
    exif = Image.Exif()
    exif[274] = 6
    save("exif6.png", im, exif=exif), save("exif8.webp", im, exif=exif, lossless=True)
    save("plain.gif", im.quantize(32)), save("transparent.gif", transparent, transparency=3)
    save("animated.gif", im.quantize(16), save_all=True, append_images=[Image.new("P", (W, H))])
    save("rgb.bmp", im), save("palette.bmp", im.quantize(16)), save("grey.bmp", im.convert("L"))
    save("raw.tif", im), save("lzw.tif", im, compression="tiff_lzw"), save("deflate.tif", im, compression="tiff_adobe_deflate")
    save("grey.tif", im.convert("L")), save("rgba.tif", rgba), save("exif3.tif", im, tiffinfo={274: 3})
    save("lossy.webp", im, quality=80), save("lossyalpha.webp", rgba, quality=80), save("lossless.webp", im, lossless=True)
    for w, h in ((1, 1), (2, 3), (16, 16)):
        save(f"lossy{w}x{h}.webp", picture(w, h), quality=90)


def damaged(im):
    b = io.BytesIO()
    im.resize((64, 64)).save(b, "JPEG", quality=90)
    jpg = b.getvalue()
    b = io.BytesIO()
    im.save(b, "PNG")
    png = bytearray(b.getvalue())
    png[len(png) // 2] ^= 0xFF
    files = {"truncated.jpg": jpg[: len(jpg) // 2], "corrupt.png": bytes(png), "empty.jpg": b"", "text.jpg": b"this is no image\n",
             "header.png": bytes(png[:20]), "marker.jpg": b"\xff\xd8\xff\xe1\x00", "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 \x00",
             "short.gif": b"GIF89a\x10\x00\x10\x00", "short.bmp": b"BM" + bytes(20), "loop.tif": b"II*\0\x08\0\0\0\xff\xff" + bytes(6)}
    for name, data in files.items():
        (DAMAGED / name).write_bytes(data)


def resized(im):
    for size in (1, 8, 17, 40):
        im.resize((size, size), Image.BILINEAR).save(RESIZED / f"rgb{size}.ppm")
        im.convert("L").resize((size, size), Image.BILINEAR).save(RESIZED / f"grey{size}.pgm")


def main():
    for folder in (OUT, DAMAGED, RESIZED):
        folder.mkdir(parents=True, exist_ok=True)
    im = picture()
    jpegs(im), others(im), damaged(im), resized(im)


if __name__ == "__main__":
    main()
