#!/usr/bin/env python3
"""Writes testdata/goldens/*.safetensors: PyTorch's results, which the Go tests compare with.

  python scripts/goldens.py              all files
  python scripts/goldens.py conv loss    these files only
    python scripts/goldens.py --check-weights NAME FILE   writes nothing: compares the outputs of PyTorch and bin/udml-gpu for a file of
                                           published weights of the backbone NAME (check_weights.py; needs Pillow too)

Needs torch==2.8.0, torchvision==0.23.0, pillow<13, safetensors; the CPU is enough.  Tests need none of them.  Tensors are named
"case/tensor" in torch's layouts (NCHW, OIHW).  Inputs are exact in float32; results are computed in float64 and rounded.  The
file's metadata holds the error of float32 for each (goldens_orders.py), from which the tests' bounds follow.  A case too near to a
tie (goldens_ties.py) ends the script.
"""
import importlib
import json
import pathlib
import sys

import torch
import torch._dynamo  # noqa: F401  otherwise the first optimiser imports it, where every op is watched
from safetensors.torch import save_file

sys.dont_write_bytecode = True  # no __pycache__ beside the scripts
import goldens_attention
import goldens_baselines
import goldens_convnext
import goldens_crops
import goldens_deepcluster
import goldens_efficientnet
import goldens_images
import goldens_losses
import goldens_mom
import goldens_mutual
import goldens_networks
import goldens_ops
import goldens_rope
import goldens_stml
import goldens_training
import goldens_update
from goldens_case import Goldens
from goldens_orders import FACTOR, FLOOR

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "goldens"
FILES = {
    "conv": goldens_ops.conv, "depthwise": goldens_ops.depthwise, "gemm": goldens_ops.gemm, "norm": goldens_ops.norm,
    "lrn": goldens_ops.lrn, "pool": goldens_ops.pool, "act": goldens_ops.act, "resize": goldens_ops.resize, "tokens": goldens_ops.tokens,
    "distance": goldens_ops.distance, "update": goldens_update.update,
    "attention": goldens_attention.attention, "rope": goldens_rope.rope,
    "loss": goldens_losses.loss, "training": goldens_training.training,
    "training_instance": goldens_training.training_instance, "baselines": goldens_baselines.baselines,
    "crops": goldens_crops.crops, "stml": goldens_stml.stml, "deepcluster": goldens_deepcluster.deepcluster, "mom": goldens_mom.mom,
    "mutual": goldens_mutual.mutual,
    "networks": goldens_networks.networks, "efficientnet": goldens_efficientnet.efficientnet, "convnext": goldens_convnext.convnext,
    "images": goldens_images.images,
    "transformers": lambda: importlib.import_module("goldens_transformers").transformers(),  # needs timm and transformers
}


def write(name, made):
    goldens = made if isinstance(made, Goldens) else None
    tensors = {k: v.detach().contiguous() for k, v in sorted((goldens.tensors if goldens else made).items())}
    for k, v in tensors.items():
        assert not v.is_floating_point() or torch.isfinite(v).all(), f"{k} is not finite"
    notes = {}
    if goldens:
        errors = {k: float(f"{e:.3g}") for k, e in sorted(goldens.errors.items())}
        # one note: several would be in any order
        notes = {"float32": json.dumps({"factor": FACTOR, "floor": FLOOR, "errors": errors})}
    path = OUT / f"{name}.safetensors"
    save_file(tensors, path, notes or None)
    path.chmod(0o644)
    print(f"{name}: {len(tensors)} tensors, {path.stat().st_size} bytes", flush=True)


def main(names):
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in the same order everywhere
    if names[:1] == ["--check-weights"]:
        return check_weights(*names[1:])
    OUT.mkdir(parents=True, exist_ok=True)
    for name in names or FILES:
        write(name, FILES[name]())


def check_weights(name="", path="", *more):
    if not path or more:
        sys.exit("goldens.py --check-weights NAME FILE: a backbone and a file of its weights are wanted")
    import check_weights
    check_weights.check(name, pathlib.Path(path))


if __name__ == "__main__":
    main(sys.argv[1:])
