#!/usr/bin/env python3
"""Opens the files of `convert` for one of the larger programs in it, on a small collection.

    python scripts/test_apps.py PROGRAM fiftyone|lightly|atlas
"""

import pathlib
import sys
import tempfile
from importlib.metadata import version

from file_checks import apps
from file_checks.collection import Collection

CHECKS = {"fiftyone": (apps.fiftyone, "fiftyone"), "lightly": (apps.lightly, "lightly-studio"), "atlas": (apps.atlas, "embedding-atlas")}


def main():
    check, package = CHECKS[sys.argv[2]]
    with tempfile.TemporaryDirectory() as folder:
        check(Collection(sys.argv[1], pathlib.Path(folder)))
    print(f"test_apps: {package} {version(package)}: the values are the collection's")


if __name__ == "__main__":
    main()
