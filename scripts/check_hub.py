"""Compares the program with transformers on models of the size of ViT-S and real photos: python3 scripts/check_hub.py PHOTOS [MODEL ...]

PHOTOS is a folder, of which up to 8 images are taken.  Each model (scripts/hub_models.py) has random weights that make its output depend on
every part.  It is saved as transformers saves it; `udml-gpu embed --pretrained=FOLDER --layer pooled` must give the features of
transformers' own model, on the pixels of its image processors with Pillow.  It also prints how far those are that transformers' default
processors give, on torchvision.  Needs bin/udml-gpu, and the versions of test_hub.py.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors import safe_open

import hub_models
from test_hub import save

BOUND = 1e-4  # relative to the largest feature: ten times the error of float32 in the deepest networks (docs/goldens.md)


def of_program(model, photos, out):
    subprocess.run(["bin/udml-gpu", "embed", "--data", photos, f"--pretrained={model}", "--layer", "pooled", "--out", out],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with safe_open(out, "np") as f:
        return json.loads(f.metadata()["names"]), f.get_tensor("embeddings").astype(np.float64)


def differ(got, want):
    """The largest difference relative to the largest feature, and the smallest cosine of a row."""
    cosine = (got * want).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(want, axis=1)
    return np.abs(got - want).max() / np.abs(want).max(), cosine.min()


def check(name, photos, folder):
    model, processor = hub_models.MODELS[name](384, 12, 6, 224, 14)
    hub_models.fill(model.eval(), 7)
    save(name, model, processor, folder / name)
    names, got = of_program(folder / name, photos, folder / "e.safetensors")
    images = [Image.open(photos / n).convert("RGB") for n in names]
    exact = hub_models.pooled(model, processor(images, return_tensors="pt").pixel_values).double().numpy()
    usual = transformers.AutoImageProcessor.from_pretrained(folder / name)
    if name == "dinov3":
        usual = transformers.DINOv3ViTImageProcessor.from_pretrained(folder / name)
    default = hub_models.pooled(model, usual(images, return_tensors="pt").pixel_values).double().numpy()
    off, cosine = differ(got, exact)
    print(f"{name}: {got.shape[1]} features of {len(got)} photos differ by {off:.1e} of the largest, bound {BOUND:.0e}, "
          f"cosine {cosine:.9f}; with {type(usual).__name__} on torchvision by {differ(got, default)[0]:.1e}, "
          f"cosine {differ(got, default)[1]:.6f}", flush=True)
    return off <= BOUND


def main(photos, *names):
    transformers.utils.logging.set_verbosity_error()
    torch.set_num_threads(2)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        taken = folder / "photos"
        taken.mkdir()
        for path in sorted(pathlib.Path(photos).iterdir())[:8]:
            (taken / path.name).symlink_to(path.resolve())
        for name in names or hub_models.MODELS:
            good = check(name, taken, folder) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
