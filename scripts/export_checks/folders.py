"""Folders of `export --to hub` without the libraries that they are for: their tensors have the names and shapes of timm's networks, and
their linear layers make of the features what `embed` makes. hub_folders.py opens them with the libraries."""

import hashlib
import json
import pathlib

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

from export_checks.models import of_normalised
from export_checks.program import equal

BACKBONES = [
    ("resnet18", ["--size", 64, "--resize", 73]),
    ("resnet50", ["--size", 64, "--resize", 72, "--resize-mode", "shorter", "--interpolation", "bicubic", "--pool", "max"]),
    ("resnet18", ["--size", 64, "--resize", 70, "--pool", "mean+max"]),
    ("convnext_tiny", ["--size", 64, "--resize", 64]),
    ("convnext_tiny", ["--size", 64, "--resize", 64, "--pool", "mean+max"]),
    ("efficientnet_lite0", ["--resize", 224]),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=6", ["--size", 48]),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=6", ["--size", 64, "--pool", "mean"]),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=6", ["--size", 64, "--pool", "max"]),
    ("dinov2:dim=64,depth=2,heads=4,patch=14,grid=7", ["--size", 56, "--resize", 64, "--resize-mode", "shorter"]),
    ("dinov2:dim=64,depth=2,heads=1,patch=14,grid=7,swiglu=true", ["--size", 56]),
    ("dinov2:dim=64,depth=2,heads=1,patch=14,grid=7,swiglu=true,registers=4", ["--size", 70, "--pool", "mean+max"]),
    ("dinov2:dim=64,depth=2,heads=4,patch=14,grid=7,registers=4", ["--size", 56]),
    ("dinov3:dim=64,depth=2,heads=4,patch=16", ["--size", 64]),
    ("dinov3:dim=64,depth=2,heads=4,patch=16,swiglu=true", ["--size", 64, "--pool", "mean"]),
    ("dinov3:dim=64,depth=2,heads=4,patch=16", ["--size", 64, "--pool", "mean+max"]),
    ("clip:dim=64,depth=2,heads=4,patch=16,grid=4,gelu=quick,out=32", ["--size", 64]),
    ("clip:dim=64,depth=2,heads=4,patch=16,grid=4,gelu=erf,out=32", ["--size", 64, "--pool", "cls"]),
    ("siglip:dim=64,depth=2,heads=4,patch=16,grid=4", ["--size", 64]),
]

REFUSED = [
    ("conv4", ["--size", 32], "timm has no network like conv4"),
    ("squeezenet1_1", ["--stages", 1], "timm has no network like squeezenet1_1"),
    ("squeezenet1_1", [], "timm pools the last stage alone"),
    ("resnet18", ["--invert"], "cannot invert images"),
    ("resnet18", ["--channel-order", "bgr"], "red before blue"),
    ("resnet18", ["--pool", "gem"], "timm has no --pool gem"),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=6", ["--pool", "cls+mean"], "timm has no --pool cls+mean"),
    ("efficientnet_lite0", ["--size", 64], "timm pads images of 64 pixels in another way"),
]


def key(backbone, arguments):
    return " ".join(map(str, [backbone, *arguments]))


def digest(shapes):
    """Of names and shapes."""
    lines = sorted(f"{name} {list(shape)}" for name, shape in shapes.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


# Those of timm's networks, as hub_folders.py finds them.
DIGESTS = json.loads((pathlib.Path(__file__).parent / "timm_digests.json").read_text())


def check(program):
    for i, (backbone, arguments) in enumerate(BACKBONES):
        network = ["--backbone", backbone, f"--pretrained={program.weights(backbone)}", *arguments]
        unit = [*network, "--head-init", "random", "--dim", 16]
        folder = program.export("hub", f"hub{i}", *unit)
        with safe_open(folder / "model.safetensors", "numpy") as f:
            shapes = {name: f.get_slice(name).get_shape() for name in f.keys()}
            assert f.metadata()["format"] == "pt"
        assert digest(shapes) == DIGESTS[key(backbone, arguments)], backbone
        if ":" in backbone and "out=" not in backbone:
            model = program.export("onnx", "features.onnx", "--layer", "pooled", *network)
            features = of_normalised(program, model) / (2 if "mean+max" in arguments else 1)  # timm's avgmax is half of it
            equal(through(folder, features), program.embed(*unit), backbone)
        if backbone.startswith("dinov3"):
            text = (folder / "README.md").read_text()
            assert "license: other\nlicense_name: dinov3-license\n" in text and "DINOv3" in (folder / "NOTICE").read_text()
        print(f"test_export: {backbone}: {len(shapes)} tensors as timm has them", flush=True)
    refused(program)


def through(folder, x):
    """What the modules of a folder make of features."""
    for module in json.loads((folder / "modules.json").read_text())[1:]:
        if module["type"].endswith("Dense"):
            t = load_file(folder / module["path"] / "model.safetensors")
            x = x @ t["linear.weight"].T + t["linear.bias"]
        else:
            x = x / np.linalg.norm(x, axis=1, keepdims=True)
    return x


def refused(program):
    for backbone, arguments, said in REFUSED:
        network = ["--backbone", backbone, "--pretrained=false", "--layer", "pooled", *arguments]
        text = program.run("export", "--to", "hub", "--out", program.folder / "refused", *network, fails=True)
        assert said in text and "--to torch and --to onnx write any network" in text and not (program.folder / "refused").exists(), text
