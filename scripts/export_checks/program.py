"""The program, the images, and networks with random weights that the checks share."""

import json
import pathlib
import subprocess

import numpy as np
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save_file

IMAGES = pathlib.Path(__file__).parents[2] / "testdata/images"
NAMES = ["noise420.jpg.ppm", "optimised422.jpg.ppm", "restart420.jpg.ppm", "rgb.png", "size33x34.jpg.ppm", "noisegrey.jpg.ppm"]


class Program:
    """The program in a folder of its own, with some of the repository's images as PNG files."""

    def __init__(self, path, folder):
        self.path, self.folder, self.photos = path, folder, folder / "photos"
        self.photos.mkdir()
        self.names = []
        for name in NAMES:
            self.names.append(name.split(".")[0] + ".png")
            Image.open(IMAGES / name).convert("RGB").save(self.photos / self.names[-1])

    def run(self, *arguments, fails=False):
        done = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True)
        assert (done.returncode != 0) == fails, (arguments, done.stderr)
        return done.stderr if fails else done.stdout

    def export(self, to, out, *arguments):
        out = self.folder / out
        self.run("export", "--to", to, "--out", out, *arguments)
        return out

    def embed(self, *arguments):
        """What `embed` gives for the images [N,D], in the order of names."""
        out = self.folder / "embedded.safetensors"
        self.run("embed", "--data", self.photos, "--split", "all", "--out", out, *arguments)
        with safe_open(out, "numpy") as f:
            order = json.loads(f.metadata()["names"])
            vectors = f.get_tensor("embeddings")
        return vectors[[order.index(name) for name in self.names]]

    def pictures(self):
        return [Image.open(self.photos / name) for name in self.names]

    def weights(self, backbone, *arguments):
        """A file of random weights of a backbone with which no part of it is without effect."""
        arguments = ["--backbone", backbone, "--pretrained=false", "--layer", "pooled", *arguments]
        shapes = self.export("safetensors", "shapes.safetensors", *arguments)
        rng, tensors = np.random.default_rng(1), {}
        with safe_open(shapes, "numpy") as f:
            for name in f.keys():
                tensors[name] = drawn(rng, name, f.get_slice(name).get_shape())
        path = self.folder / (backbone.split(":")[0] + ".safetensors")
        save_file(tensors, path)
        return path


def drawn(rng, name, shape):
    """Random values at the scale that a trained network has: attention of unit variance, positions that matter, layer scales of 0.3."""
    last = name.split(".")[-1]
    normal = rng.standard_normal(shape).astype(np.float32)
    if last == "running_var":
        return (1 + 0.5 * np.abs(normal)).astype(np.float32)
    if "gamma" in last:
        return (0.3 + 0.1 * normal).astype(np.float32)
    if last in ("pos_embed", "cls_token", "reg_token", "latent"):
        return normal
    if len(shape) == 4:
        return normal * np.float32((2 / np.prod(shape[1:])) ** 0.5)
    if len(shape) == 2:
        return normal * np.float32(shape[1] ** -0.5)
    return (float(last == "weight") + 0.1 * normal).astype(np.float32)


def equal(got, want, what, bound=1e-4):
    """Rows of equal direction, and of equal elements up to bound of the largest. Sums of float32 in another order differ by 1e-6 of it, the
    folding of batch norms by 1e-5; a wrong layer by more than 1e-2."""
    assert got.shape == want.shape and np.isfinite(got).all(), (what, got.shape, want.shape)
    largest = np.abs(want).max(1, keepdims=True)
    differ = float((np.abs(got - want) / largest).max())
    length = np.linalg.norm(got, axis=1) * np.linalg.norm(want, axis=1)
    cosine = float(((got.astype(np.float64) * want).sum(1) / length).min())
    assert differ <= bound and cosine >= 0.99999, (what, differ, cosine)
    return differ


def apart(vectors, what):
    """No two images have nearly the same vector: else equal() would say nothing."""
    largest = np.abs(vectors).max()
    for i in range(len(vectors)):
        for j in range(i):
            differ = np.abs(vectors[i] - vectors[j]).max() / largest
            assert differ > 5e-3, (what, i, j, differ)
