#!/usr/bin/env python3
"""Makes a small collection, writes it in every format of `convert`, opens each with the program that it is for, and compares the values
with the collection's own files; so too the event files of runs.

    python scripts/test_files.py PROGRAM
"""

import pathlib
import sys
import tempfile
import time

from file_checks import arrays, board, projector, snippets, stores, tables
from file_checks.collection import Collection

CHECKS = {
    "npy": arrays.npy, "faiss": arrays.faiss, "safetensors": arrays.safetensors,
    "parquet": tables.parquet, "csv": tables.csv, "jsonl": tables.jsonl,
    "tensorboard": projector.tensorboard, "event files": board.board,
    "fiftyone": snippets.fiftyone, "lightly": snippets.lightly,
    "milvus": stores.milvus, "qdrant": stores.qdrant,
}


def main():
    with tempfile.TemporaryDirectory() as folder:
        c = Collection(sys.argv[1], pathlib.Path(folder))
        for name, check in CHECKS.items():
            began = time.time()
            check(c)
            print(f"test_files: {name}: the values are the program's ({time.time() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
