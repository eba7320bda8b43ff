"""Compares the outputs of PyTorch and of the program for one file of published weights: scripts/goldens.py --check-weights NAME FILE.

Both put the same images through the backbone NAME in evaluation mode: PyTorch in float64, in the torch forms used for the
goldens, the program by `udml-gpu embed --layer pooled`.  This checks names, layouts, channel order and normalisation
too.
"""
import pathlib
import re
import subprocess
import tempfile

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import load_file

import goldens_convnext
import goldens_efficientnet
from goldens_networks import NETWORKS as OLDER

NETWORKS = OLDER | goldens_efficientnet.NETWORKS | goldens_convnext.NETWORKS
BOUND = 1e-4  # relative to the largest feature: ten times the error of float32 in the deepest networks (docs/goldens.md)


def read(path):
    """The file's tensors by name."""
    if path.suffix == ".safetensors":
        return {k: torch.from_numpy(v.astype(np.float64)) for k, v in load_file(path).items()}
    if path.suffix == ".npz":
        return {k: torch.from_numpy(v.astype(np.float64)) for k, v in np.load(path).items()}
    value = torch.load(path, map_location="cpu", weights_only=True)
    for key in ("state_dict", "model_state_dict", "model"):
        value = value.get(key, value)
    return {k: v.double() for k, v in value.items() if torch.is_tensor(v)}


def key(name):
    """One spelling for all the names written by converters of Caffe's weights."""
    name = re.sub(r"[./_](bias|biases|b|b_0|1)$", ".bias", name)  # first, as _b_0 also ends in _0
    name = re.sub(r"[./_](weights?|w|w_0|0)$", ".weight", name)
    return re.sub(r"[/.-]", "_", name)


def fill(net, tensors, prefix):
    """Sets every parameter of net, whose names in the program begin with prefix, from the file's tensors."""
    state = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    keys = {key(k): v for k, v in tensors.items()}
    first = key(prefix + next(iter(state)))
    wrapper = next((k[: -len(first)] for k in sorted(keys, key=len) if k.endswith(first)), "")
    missing = [k for k in state if wrapper + key(prefix + k) not in keys]
    if missing:
        raise SystemExit(f"{len(missing)} parameters have no tensor in the file: {', '.join(missing[:3])}, ...")
    net.load_state_dict({k: keys[wrapper + key(prefix + k)].reshape(v.shape) for k, v in state.items()}, strict=False)


def images(folder, size, channels):
    """Four PNG files of coloured squares and noise, and their pixels [N,C,S,S] in [0,1]."""
    rng, pixels = np.random.default_rng(7), []
    for i in range(4):
        squares = rng.integers(0, 224, (4, 4, 3)).repeat(-(-size // 4), 0).repeat(-(-size // 4), 1)[:size, :size]
        image = (squares + rng.integers(0, 32, squares.shape)).astype(np.uint8)[:, :, :channels]
        Image.fromarray(image.squeeze()).save(folder / f"{i}.png")
        pixels.append(torch.from_numpy(image).double().permute(2, 0, 1) / 255)
    return torch.stack(pixels)


def of_torch(name, path, x):
    make, prefix, mean, std, bgr = NETWORKS[name]
    net = make().double()
    fill(net, read(path), prefix)
    of = lambda v: torch.tensor(v, dtype=torch.float64)[:, None, None]
    with torch.no_grad():
        return net.eval()((255 * (x.flip(1) if bgr else x) - of(mean)) / of(std)).mean((2, 3)).numpy()


def of_program(program, name, path, folder, size, channels):
    out = folder / "features.safetensors"
    subprocess.run([program, "embed", "--data", folder, "--backbone", name, f"--pretrained={path}", "--layer", "pooled",
                    "--size", str(size), "--resize", str(size), "--channels", str(channels), "--out", out],
                   check=True, stdout=subprocess.DEVNULL)
    return load_file(out)["embeddings"].astype(np.float64)


def check(name, path, size=96, program="bin/udml-gpu"):
    if name not in NETWORKS:
        raise SystemExit(f"no backbone is called {name}; there are {', '.join(NETWORKS)}")
    channels = len(NETWORKS[name][2])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        want = of_torch(name, path, images(folder, size, channels))
        got = of_program(program, name, path, folder, size, channels)
    off = np.abs(got - want).max() / np.abs(want).max()
    print(f"{name}, {path}: {want.shape[1]} features of {len(want)} images differ by {off:.1e} of the largest, bound {BOUND:.0e}")
    if not off <= BOUND:
        raise SystemExit(1)
