#!/usr/bin/env python3
"""Makes the weights that are embedded in the program: SqueezeNet 1.0 without its classifier, as float16.

  python scripts/pretrained.py FOLDER_OF_WEIGHTS models/weights/pretrained

Needs numpy and safetensors.  The licence file is written beside the weights.
"""
import pathlib
import shutil
import sys

import numpy as np
from safetensors.numpy import load_file, save_file


def main(source, target):
    name = "squeezenet1_0"
    full = load_file(source / f"{name}.safetensors")
    half = {k: v.astype(np.float16) for k, v in full.items() if k.startswith("features.")}
    worst = max(np.abs(half[k].astype(np.float32) - full[k]).max() for k in half)
    assert np.isfinite(worst), "a weight does not fit float16"
    save_file(half, target / f"{name}.safetensors")
    (target / f"{name}.safetensors").chmod(0o644)
    shutil.copyfile(source / f"{name}.LICENSE", target / f"{name}.LICENSE")
    print(f"{len(half)} tensors, {sum(v.nbytes for v in half.values())} bytes, rounded by at most {worst:.2g}")


if __name__ == "__main__":
    args = sys.argv[1:]
    main(*map(pathlib.Path, args))
