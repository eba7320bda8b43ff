#!/usr/bin/env python3
"""Exports networks with random weights in every format of `export`, opens them with the programs that they are for, and compares what these
make of images with what `embed` writes. The checks hub, again and torch need torch, timm, transformers and sentence-transformers.

    python scripts/test_export.py PROGRAM CHECK...
"""

import importlib
import pathlib
import sys
import tempfile
import time

from export_checks.program import Program

CHECKS = {
    "onnx": "models.check", "runs": "models.check_trained", "folders": "folders.check",
    "hub": "hub_folders.check", "again": "hub_folders.check_again", "torch": "torch_folders.check",
}


def main():
    for name in sys.argv[2:]:
        module, function = CHECKS[name].split(".")
        check = getattr(importlib.import_module("export_checks." + module), function)
        with tempfile.TemporaryDirectory() as folder:
            began = time.time()
            check(Program(sys.argv[1], pathlib.Path(folder)))
            print(f"test_export: {name}: the vectors are those of embed ({time.time() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
