#!/usr/bin/env python3
"""Exports networks with random weights in every format of `export`, opens them with the programs that they are for, and compares what these
make of images with what `embed` writes.

    python scripts/test_export.py PROGRAM [CHECK...]
"""

import pathlib
import sys
import tempfile
import time

from export_checks import models
from export_checks.program import Program

CHECKS = {"onnx": models.check, "runs": models.check_trained}


def main():
    for name in sys.argv[2:] or CHECKS:
        with tempfile.TemporaryDirectory() as folder:
            began = time.time()
            CHECKS[name](Program(sys.argv[1], pathlib.Path(folder)))
            print(f"test_export: {name}: the vectors are those of embed ({time.time() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
