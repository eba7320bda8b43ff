"""Recall@1 on test classes of whitened features, and of the mean of an image's features and its mirror image's.

    python scripts/study_mirror.py bin/udml-gpu DATA.zip SIZE

The zip has train/CLASS/ and test/CLASS/. Features are those of `embed --layer pooled`; the whitening (S^-0.5, 512 dimensions) is fitted on
the training images, as `train` does. Needs numpy, Pillow and safetensors.
"""
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from safetensors import safe_open


def features(program, folder, size):
    with tempfile.TemporaryDirectory() as out:
        file = Path(out) / "f.safetensors"
        command = [program, "embed", "--data", folder, "--split", "all", "--layer", "pooled", "--size", size, "--resize", size]
        subprocess.run([*command, "--out", file], check=True, capture_output=True)
        with safe_open(file, "np") as f:
            return json.loads(f.metadata()["names"]), f.get_tensor("embeddings").astype(np.float64)


def whitened_recall(names, x, dim=512):
    train = np.array([n.startswith("train/") for n in names])
    labels = np.array([n.split("/")[1] for n in names])
    mean = x[train].mean(0)
    s, v = np.linalg.eigh(np.cov(x[train].T))
    keep = np.argsort(-s)[:dim]
    y = (x[~train] - mean) @ v[:, keep] * np.maximum(s[keep], 1e-12) ** -0.25
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    found = y @ y.T
    np.fill_diagonal(found, -2)
    return (labels[~train][found.argmax(1)] == labels[~train]).mean()


def main():
    program, data, size = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        plain, mirrored = Path(folder) / "plain", Path(folder) / "mirrored"
        zipfile.ZipFile(data).extractall(plain)
        for path in plain.rglob("*"):
            if path.suffix.lower() in {".png", ".jpg", ".jpeg"}:
                to = mirrored / path.relative_to(plain).with_suffix(".png")
                to.parent.mkdir(parents=True, exist_ok=True)
                ImageOps.mirror(Image.open(path)).save(to)
        names, x = features(program, plain, size)
        _, m = features(program, mirrored, size)
    print(f"Recall@1 {whitened_recall(names, x):.4f}, of the mean with the mirror image {whitened_recall(names, (x + m) / 2):.4f}")


if __name__ == "__main__":
    main()
