#!/usr/bin/env python3
"""Writes a data set with the size and the layout of Stanford Online Products: 120,053 different JPEG files of 64 x 64 pixels,
Ebay_train.txt (59,551 images of 11,318 classes) and Ebay_test.txt (60,502 of 11,316).

    pip install pillow numpy && python scripts/sop_data.py DIR [--share N]

A class is a pattern of stripes with its own direction, width and two colours; its images shift the stripes, change
the light and add noise. --share N writes every N-th class only. The same versions of numpy and Pillow write the
same bytes: 223 MB, which take 479 MiB in blocks of 4 KiB.
"""
import argparse, pathlib
import numpy as np
from PIL import Image

SIDE = 64
KINDS = ["bicycle", "cabinet", "chair", "coffee_maker", "fan", "kettle", "lamp", "mug", "sofa", "stapler", "table", "toaster"]
SPLITS = [("Ebay_train.txt", 59551, 11318), ("Ebay_test.txt", 60502, 11316)]
Y, X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE


def pattern(rng):
    """The common part of the images of a class: the phase of each pixel, and two colours."""
    angle, waves = rng.uniform(0, np.pi), rng.uniform(2, 9)
    return 2 * np.pi * waves * (np.cos(angle) * X + np.sin(angle) * Y), rng.uniform(20, 235, (2, 3))


def image(phase, colours, rng):
    mix = (0.5 + 0.5 * np.sin(phase + rng.uniform(0, 2 * np.pi)))[..., None].astype(np.float32)
    pixels = (colours[0] * mix + colours[1] * (1 - mix)) * rng.uniform(0.8, 1.2) + rng.normal(0, 6, (SIDE, SIDE, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("dir", type=pathlib.Path)
    flags.add_argument("--share", type=int, default=1)
    a = flags.parse_args()
    for kind in KINDS:
        (a.dir / f"{kind}_final").mkdir(parents=True, exist_ok=True)
    image_id = class_id = 0
    for name, images, classes in SPLITS:
        lines = ["image_id class_id super_class_id path"]
        for c in range(classes):
            class_id += 1
            count = images // classes + (c < images % classes)
            kind = class_id * len(KINDS) // 22635
            rng = np.random.Generator(np.random.PCG64(class_id))
            phase, colours = pattern(rng)
            for i in range(count):
                image_id += 1
                if class_id % a.share:
                    continue
                path = f"{KINDS[kind]}_final/{110000000000 + 7 * class_id}_{i}.JPG"
                image(phase, colours, rng).save(a.dir / path, "JPEG", quality=85)
                lines.append(f"{image_id} {class_id} {kind + 1} {path}")
        (a.dir / name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
