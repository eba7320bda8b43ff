"""Folders of `export --to hub` in timm, transformers and sentence-transformers, on images from files, against `embed`."""

import json

import numpy as np
import timm
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoImageProcessor, AutoModel

from export_checks import cards
from export_checks.folders import BACKBONES, DIGESTS, digest, key
from export_checks.models import of_normalised
from export_checks.program import apart, equal

def check(program):
    for i, (backbone, arguments) in enumerate(BACKBONES):
        network = ["--backbone", backbone, f"--pretrained={program.weights(backbone)}", *arguments]
        unit = [*network, "--head-init", "random", "--dim", 16]
        folder = program.export("hub", f"hub{i}", *unit)
        want = program.embed(*unit)
        equal(of_normalised(program, folder / "onnx/model.onnx"), want, (backbone, "ONNX"))
        state = timm.create_model(f"local-dir:{folder}", pretrained=True).state_dict()
        now = digest({name: t.shape for name, t in state.items()})
        assert now == DIGESTS[key(backbone, arguments)], (key(backbone, arguments), now)
        if "out=" not in backbone or "cls" in arguments:  # else features are of the own head, which is in the Dense
            features = program.embed("--layer", "pooled", *network)
            apart(features, backbone)
            if "mean+max" in arguments and not backbone.startswith("convnext"):
                features = features / 2  # timm's avgmax; the first linear layer doubles it
            differ = equal(of_timm(program, folder), features, (backbone, "timm"))
            equal(of_transformers(program, folder), features, (backbone, "transformers"))
            print(f"test_export: {backbone}: a folder, off by {differ:.1e} of the largest feature", flush=True)
        equal(sentences(program, folder), want, (backbone, "sentence-transformers"))
        cards.check(folder, library="timm", backbone=backbone)
        if ":" not in backbone and "mean+max" not in arguments:
            continue
        pooled = program.export("hub", f"pooled{i}", "--layer", "pooled", *network)
        equal(sentences(program, pooled), program.embed("--layer", "pooled", *network), (backbone, "pooled"))


def check_again(program):
    """The program reads its own folder as the network that was written; a run with a final whitening has a second linear layer."""
    for backbone, size in [("dinov2:dim=64,depth=2,heads=1,patch=14,grid=7,registers=4", 56), ("convnext_tiny", 64)]:
        network = ["--backbone", backbone, f"--pretrained={program.weights(backbone)}", "--size", size, "--layer", "pooled"]
        folder = program.export("hub", backbone.split(":")[0], *network)
        equal(program.embed(f"--pretrained={folder}", "--layer", "pooled"), program.embed(*network), backbone)
    out, network = program.folder / "run", "vit:dim=48,depth=2,heads=3,patch=8,grid=6"
    program.run("train", "--data", "demo:4", "--out", out, "--epochs", 1, "--dim", 24, "--final-whiten", "--result", "trained",
                "--size", 48, "--backbone", network, f"--pretrained={program.weights(network)}")
    folder = program.export("hub", "whitened", "--run", out)
    assert [m["type"].split(".")[-1] for m in json.loads((folder / "modules.json").read_text())] == [
        "Transformer", "Dense", "Normalize", "Dense", "Normalize"]
    equal(sentences(program, folder), program.embed("--run", out), "a run with a final whitening")
    assert {r.metric_type for r in cards.check(folder, "timm", network, metrics=True).eval_results} >= {"recall_at_1", "map_at_r", "nmi"}


def sentences(program, folder):
    return SentenceTransformer(str(folder), device="cpu").encode(program.pictures())


@torch.inference_mode()
def of_timm(program, folder):
    model = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model), is_training=False)
    return model(torch.stack([transform(picture) for picture in program.pictures()])).numpy()


@torch.inference_mode()
def of_transformers(program, folder):
    model, processor = AutoModel.from_pretrained(folder).eval(), AutoImageProcessor.from_pretrained(folder)
    wanted = json.loads((folder / "preprocessor_config.json").read_text())
    pixels = processor(program.pictures(), return_tensors="pt").pixel_values
    assert list(pixels.shape[2:]) == [wanted["crop_size"]["height"]] * 2 and type(processor).__name__ == wanted["image_processor_type"]
    return np.asarray(model(pixels).pooler_output)
