#!/usr/bin/env python3
"""Writes testdata/images/kinds: tiny files of the less common kinds, with Pillow's pixels for each
(NAME.ppm: convert("RGB") after exif_transpose). Where the project and Pillow differ on purpose, the pixels are given here.

    apt-get install libjpeg-turbo-progs    (cjpeg)
    pip install pillow numpy && python scripts/test_image_kinds.py
"""

import shutil
from image_kinds import bmp, gif, jpeg, orientation, png, pnm, webp
from image_kinds.golden import KINDS


def main():
    shutil.rmtree(KINDS, ignore_errors=True)
    KINDS.mkdir(parents=True)
    jpeg.jpegs(), orientation.orientations(), png.pngs(), gif.gifs(), bmp.bmps(), pnm.pnms(), webp.webps()


if __name__ == "__main__":
    main()
