"""Writes testdata/hub: tiny models as transformers saves them, and their features of some of the images in testdata/images.

engine/inference compares what `embed` makes of the same folders and images.  Runs with the versions of
scripts/goldens.py and transformers 5.
"""
import json
import pathlib
import shutil
import sys

import torch
from PIL import Image

import hub_models

PICTURES = ["rgb.png", "baseline444.jpg", "baseline420.jpg"]


def save(name, model, processor, folder):
    """The folder of a model: CLIP in several files, DINOv3 in bfloat16, as they may be published."""
    model.save_pretrained(folder, max_shard_size="8KB" if name == "clip" else "50GB")
    processor.save_pretrained(folder)
    path = folder / "preprocessor_config.json"
    path.write_text(path.read_text().replace("ImageProcessorPil", "ImageProcessor"))


def write(root, pictures):
    expected = {}
    for seed, (name, make) in enumerate(hub_models.MODELS.items()):
        torch.manual_seed(seed)
        model, processor = make(16, 2, 2, 28, 7)
        model.eval()
        hub_models.fill(model, seed)
        if name == "dinov3":
            model = model.bfloat16()
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        save(name, model, processor, folder)
        images = [Image.open(pictures / p).convert("RGB") for p in PICTURES]
        pixels = processor(images, return_tensors="pt").pixel_values
        again = type(model).from_pretrained(folder, dtype=torch.float32)  # in float32, whatever the file has
        expected[name] = hub_models.pooled(again.eval(), pixels).tolist()
    (root / "dinov3" / "README.md").write_text("---\nlicense: other\nlicense_name: dinov3-license\n---\n")
    (root / "expected.json").write_text(json.dumps({"pictures": PICTURES, "features": expected}, indent=1) + "\n")


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parent.parent / "testdata"
    write(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "hub", root / "images")
