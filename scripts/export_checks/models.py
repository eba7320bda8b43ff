"""ONNX models of every kind of backbone against `embed`."""

import json

import numpy as np
import onnx
import onnxruntime
from PIL import Image

from export_checks.program import apart, equal

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}

# Networks with arguments that keep them small. Positions of the transformers are resized, but for the first ViT.
BACKBONES = [
    ("conv4", []), ("squeezenet", ["--size", 70, "--mirror-average"]), ("squeezenet", ["--size", 70, "--also-size", 49]),
    ("squeezenet1_1", ["--size", 64, "--stages", 1]),
    ("resnet18", ["--size", 64]), ("resnet50", ["--size", 64, "--pool", "gem"]),
    ("googlenet", ["--size", 72, "--pool", "max"]), ("googlenet_caffe", ["--size", 72]),
    ("bninception", ["--size", 70, "--pool", "mean+max"]),
    ("efficientnet_lite0", ["--size", 64]), ("convnext_tiny", ["--size", 64]),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=6", ["--size", 48]),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=4", ["--size", 48, "--pool", "mean"]),
    ("vit:dim=48,depth=2,heads=3,patch=8,grid=6", ["--size", 48, "--also-size", 32, "--mirror-average"]),
    ("dinov2:dim=64,depth=2,heads=4,patch=14,grid=7", ["--size", 56, "--pool", "cls+mean"]),
    ("dinov2:dim=64,depth=2,heads=4,patch=14,grid=7,registers=4", ["--size", 56]),
    ("dinov3:dim=64,depth=2,heads=4,patch=16", ["--size", 64]),
    ("dinov3:dim=64,depth=2,heads=4,patch=16,swiglu=true", ["--size", 64]),
    ("clip:dim=64,depth=2,heads=4,patch=16,grid=4,gelu=quick,out=32", ["--size", 64]),
    ("clip:dim=64,depth=2,heads=4,patch=16,grid=4,gelu=erf,out=32", ["--size", 64]),
    ("siglip:dim=64,depth=2,heads=4,patch=16,grid=4", ["--size", 64]),
]

# Of these only the features are compared, since they take longest.
LARGE = ["resnet50", "convnext_tiny", "googlenet"]


def check(program):
    for backbone, arguments in BACKBONES:
        weights = program.weights(backbone)
        network = ["--backbone", backbone, f"--pretrained={weights}", *arguments]
        want = program.embed("--layer", "pooled", *network)
        apart(want, backbone)
        model = program.export("onnx", "m.onnx", "--layer", "pooled", *network)
        whole = onnx.load(model)
        differ = equal(of_normalised(program, model), want, backbone)
        print(f"test_export: {backbone}: {len(whole.graph.node)} nodes, off by {differ:.1e} of the largest feature", flush=True)
        if backbone in LARGE:
            continue
        pixels = program.export("onnx", "p.onnx", "--preprocess", "--layer", "pooled", *network)
        equal(of_pixels(program, pixels), want, backbone + ", pixels")
        if ":" in backbone:
            each_constant_matters(program, whole, want)
        unit = [*network, "--head-init", "random", "--dim", 16]
        model = program.export("onnx", "m.onnx", *unit)
        got, want = of_normalised(program, model), program.embed(*unit)
        equal(got, want, backbone + ", embedding")
        assert np.abs(np.linalg.norm(got, axis=1) - 1).max() < 1e-6 and np.abs(got - want).max() <= 1e-4


def check_trained(program):
    """A run with a final whitening, on grey images whose negatives are taken, and one with an embedding layer fitted on images."""
    out = program.folder / "run"
    program.run("train", "--data", "demo:4", "--out", out, "--epochs", 1, "--dim", 24, "--final-whiten", "--result", "trained",
                "--invert", "--backbone", "conv4", "--channels", 1)
    for arguments in (["--run", out], ["--backbone", "squeezenet", "--size", 64, "--dim", 5, "--data", program.photos]):
        want = program.embed(*arguments)
        for pixels in (False, True):
            model = program.export("onnx", "m.onnx", *arguments, *(["--preprocess"] if pixels else []))
            got = of_pixels(program, model) if pixels else of_normalised(program, model)
            equal(got, want, arguments)
            assert np.abs(np.linalg.norm(got, axis=1) - 1).max() < 1e-6


def session(model):
    onnx.checker.check_model(str(model), full_check=True)
    onnx.shape_inference.infer_shapes(onnx.load(model), check_type=True, strict_mode=True, data_prop=True)
    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])


def about(s):
    return json.loads(s.get_modelmeta().custom_metadata_map["preprocess"])


def resized(picture, p):
    """The square [H,W,C] of uint8 that the network takes of a picture."""
    picture = picture.convert("L" if p["channels"] == 1 else "RGB")
    side = (p["resize"], p["resize"])
    if p["resize_mode"] != "squash":
        w, h = picture.size
        side = (p["resize"], int(p["resize"] * h / w)) if w < h else (int(p["resize"] * w / h), p["resize"])
    picture = picture.resize(side, FILTERS[p["resample"]])
    left, top = (round((n - p["size"]) / 2) for n in picture.size)
    pixels = np.asarray(picture.crop((left, top, left + p["size"], top + p["size"])))
    return pixels.reshape(p["size"], p["size"], p["channels"])


def of_pixels(program, model):
    s = session(model)
    batch = np.stack([resized(picture, about(s)) for picture in program.pictures()])
    return run(s, {"image": batch})


def of_normalised(program, model):
    s = session(model)
    p = about(s)
    batch = np.stack([resized(picture, p) for picture in program.pictures()])
    return run(s, {"pixel_values": normalised(batch, p)})


def normalised(batch, p):
    if p["invert"]:
        batch = 255 - batch
    x = (batch.astype(np.float64) / 255 - p["image_mean"]) / p["image_std"]
    return np.ascontiguousarray(x.astype(np.float32).transpose(0, 3, 1, 2))


def run(s, feed):
    """The result, which is the same for each image alone; none for no images."""
    (got,) = s.run(["image_embeds"], feed)
    one = {name: batch[2:3] for name, batch in feed.items()}
    assert np.abs(s.run(["image_embeds"], one)[0] - got[2:3]).max() <= 1e-5 * np.abs(got).max()
    none = {name: batch[:0] for name, batch in feed.items()}
    assert s.run(["image_embeds"], none)[0].shape == (0, got.shape[1])
    return got


def each_constant_matters(program, model, want):
    """With any of the constants made smaller, each element by another factor, the features are others: nothing of the network is without
    effect on what is compared."""
    scale, rng = np.abs(want).max(), np.random.default_rng(2)
    p = json.loads({m.key: m.value for m in model.metadata_props}["preprocess"])
    batch = normalised(np.stack([resized(picture, p) for picture in program.pictures()]), p)
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32:
            continue
        kept = tensor.raw_data
        tensor.raw_data = (values * rng.uniform(0.2, 1, values.shape)).astype(np.float32).tobytes()
        s = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        differ = np.abs(s.run(None, {"pixel_values": batch})[0] - want).max() / scale
        assert differ > 5e-4 or tensor.name.endswith("eps"), (tensor.name, differ)
        tensor.raw_data = kept
