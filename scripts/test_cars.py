#!/usr/bin/env python3
"""Writes testdata/cars: the lists of a tiny Cars196 saved by SciPy, in both layouts, compressed and not.

    pip install scipy==1.17.1 && python scripts/test_cars.py
"""
import pathlib
import numpy as np
from scipy.io import savemat

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "cars"
# path below car_ims, below cars_train or cars_test, x1, y1, x2, y2, class
TRAIN = [("class00/000.png", 1, 1, 8, 8, 1), ("class00/001.png", 3, 4, 16, 16, 1), ("class01/000.png", 1, 1, 300, 9, 99)]
TEST = [("class01/001.png", 2, 2, 5, 5, 196), ("class00/002.png", 1, 1, 9, 9, 98)]
BOX = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]


def structs(names, rows):
    """A struct array of one row, in MATLAB's form of the annotations; numbers of the smallest type, paths as text."""
    out = np.zeros((1, len(rows)), dtype=[(n, object) for n in names])
    for i, row in enumerate(rows):
        out[0, i] = tuple(v if isinstance(v, str) else np.array([[v]], np.uint8 if v < 256 else np.uint16) for v in row)
    return out


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    names = np.empty((1, 196), dtype=object)
    names[0, :] = [f"Make {i + 1} Coup\u00e9" for i in range(196)]
    rows = [("car_ims/" + p, *rest, test) for test, part in enumerate((TRAIN, TEST)) for p, *rest in part]
    annotations = structs(["relative_im_path", *BOX, "class", "test"], rows)
    savemat(OUT / "cars_annos.mat", {"annotations": annotations, "class_names": names}, do_compression=True)
    for name, part in (("cars_train_annos.mat", TRAIN), ("cars_test_annos_withlabels.mat", TEST)):
        rows = [(*rest, path) for path, *rest in part]
        savemat(OUT / name, {"annotations": structs([*BOX, "class", "fname"], rows)}, do_compression=name.endswith("train_annos.mat"))
    savemat(OUT / "cars_meta.mat", {"class_names": names}, do_compression=True)


if __name__ == "__main__":
    main()
