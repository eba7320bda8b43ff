"""Folders of `export --to torch`: their modeling.py gives the vectors of `embed` for image files, on every kind of network."""

import importlib.util

import torch
from safetensors import safe_open

from export_checks import cards
from export_checks.models import BACKBONES
from export_checks.program import equal

# Networks that take other images than most, and ways to prepare images.
OTHERS = [
    ("conv4", ["--size", 32, "--channels", 1, "--invert", "--interpolation", "lanczos"]),
    ("resnet18", ["--size", 60, "--resize", 69, "--resize-mode", "shorter", "--interpolation", "bicubic", "--channel-order", "bgr"]),
    ("squeezenet", ["--size", 63, "--resize", 70, "--resize-mode", "shorter-floor", "--pool", "mean+max", "--stages", 1]),
    ("squeezenet", ["--size", 63, "--also-size", 77, "--also-mirrored"]),
]


def check(program):
    for i, (backbone, arguments) in enumerate(BACKBONES + OTHERS):
        channels = ["--channels", 1] if "--channels" in arguments else []
        network = ["--backbone", backbone, f"--pretrained={program.weights(backbone, *channels)}", *arguments]
        unit = [*network, "--head-init", "random", "--dim", 16]
        folder = program.export("torch", f"torch{i}", *unit)
        differ = equal(vectors(program, folder), program.embed(*unit), (backbone, arguments))
        print(f"test_export: {backbone}: modeling.py, off by {differ:.1e} of the largest element", flush=True)
        cards.check(folder, library="pytorch", backbone=backbone)
        if i % 6 == 0:
            pooled = program.export("torch", f"features{i}", "--layer", "pooled", *network)
            equal(vectors(program, pooled), program.embed("--layer", "pooled", *network), (backbone, "pooled"))


def vectors(program, folder):
    spec = importlib.util.spec_from_file_location("modeling", folder / "modeling.py")
    modeling = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(modeling)
    network = modeling.load()
    with safe_open(folder / "model.safetensors", "pt") as f:
        assert set(f.keys()) == set(network.state_dict()) and f.metadata()["format"] == "pt"
    with torch.inference_mode():
        return network(modeling.batch([program.photos / name for name in program.names])).numpy()
