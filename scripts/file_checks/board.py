"""The event files of runs: TensorBoard's own reader and its server's answers, compared with the runs' other files."""

import io
import json

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from .collection import same
from .projector import serve

SIZE = 16
FIGURES = ["map_at_r", "nmi", "ami", "ari", "f1", "effective_rank", "view_recall"]


def board(c):
    flags = "--labels folder --backbone conv4 --pretrained=false --dim 8 --batch 8 --epochs 2 --eval-every 1".split()
    for name, method in [("a", "cbswr"), ("b", "instance")]:
        run = c.folder / "runs" / name
        c.run("train", "--data", c.photos, *flags, "--size", SIZE, "--method", method, "--out", run)
        _scalars(run)
    _follows(next((run / "tensorboard").glob("*tfevents*")), c.folder / "growing")
    get = serve(c.folder / "runs")
    found = json.loads(get("projector/runs"))
    assert sorted(found) == ["a/tensorboard", "b/tensorboard"], found
    _projector(c, c.folder / "runs" / "a" / "tensorboard", get)
    _settings(get)


def _scalars(run):
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0, "images": 0}).Reload()
    history = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    state = json.loads((run / "checkpoints/last/state.json").read_text())
    steps = np.cumsum([epoch["steps"] for epoch in history])
    assert len(history) == 2 and len(state["epoch_seconds"]) == 2, state["epoch_seconds"]
    want = {}
    for epoch, step, wall in zip(history, steps, state["epoch_seconds"], strict=True):
        figures = {"train/learning_rate": epoch["learning_rate"], "train/skipped_steps": epoch["skipped_steps"]}
        figures |= {f"train/{key}": value for key, value in epoch["terms"].items()}
        figures |= {f"health/{key}": value for key, value in epoch["health"].items()}
        figures |= _quality("quality", epoch["quality"])
        for tag, value in figures.items():
            want.setdefault(tag, []).append((wall, int(step), np.float32(value)))
    for tag, value in _quality("quality", state["before"]).items():
        want[tag].insert(0, (0, 0, np.float32(value)))
    for tag, value in _quality("result", state["result"]["after"]).items():
        want[tag] = [(state["result"]["seconds"], int(steps[-1]), np.float32(value))]
    for key in history[0]["within"]["figures"]:
        places = [
            (start + int(at), epoch["within"]["figures"][key][i])
            for epoch, start in zip(history, [0, int(steps[0])], strict=True)
            for i, at in enumerate(epoch["within"]["steps"])
        ]
        found = [(event.step, event.value) for event in events.Scalars(f"within/{key}")]
        assert found == [(step, np.float32(value)) for step, value in places], key
        want[f"within/{key}"] = _values(events, f"within/{key}")
    assert sorted(want) == sorted(events.Tags()["scalars"]), (sorted(want), events.Tags())
    for tag, values in want.items():
        assert _values(events, tag) == values, (tag, values, _values(events, tag))
    albums = {tag.split("/")[0] for tag in events.Tags()["images"]}
    assert {"Images and those most like them", "Groups", "Map"} <= albums, albums
    for tag in events.Tags()["images"]:
        for event in events.Images(tag):
            assert Image.open(io.BytesIO(event.encoded_image_string)).size == (event.width, event.height), tag


def _follows(whole, folder):
    """A reader that has come to a record that is cut short goes on when the file has grown."""
    folder.mkdir()
    content, growing = whole.read_bytes(), folder / whole.name
    cut = content.index(b"Images and those") // 2  # among the figures, which come before the pictures
    growing.write_bytes(content[:cut])
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    early = events.Tags()["scalars"]
    with growing.open("ab") as file:
        file.write(content[cut:])
    events.Reload()
    all_events = EventAccumulator(str(whole.parent), size_guidance={"scalars": 0}).Reload()
    assert early and len(early) < len(events.Tags()["scalars"]), early
    for tag in all_events.Tags()["scalars"]:
        assert _values(events, tag) == _values(all_events, tag), tag


def _values(events, tag):
    return [(event.wall_time, event.step, event.value) for event in events.Scalars(tag)]


def _quality(group, quality):
    figures = {f"{group}/recall@{k}": value for k, value in quality.get("recall", {}).items()}
    figures |= {f"{group}/{key}": quality[key] for key in FIGURES if key in quality}
    for part in ["pooled", "whitened"]:
        if part in quality:
            figures |= _quality(f"{group}_{part}", quality[part])
    return figures


def _projector(c, folder, get):
    info = json.loads(get("projector/info?run=a/tensorboard"))["embeddings"][0]
    images = info["tensorShape"][0]
    side = info["sprite"]["singleImageDim"][0]
    assert images == len(c.items) and SIZE <= side <= 32, info
    at = f"run=a/tensorboard&name={info['tensorName']}&num_rows=100000"
    vectors = np.frombuffer(get("projector/tensor?" + at), "<f4").reshape(images, 8)
    same(vectors, np.fromfile(folder / "vectors.bytes", "<f4").reshape(images, 8), "vectors")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=0, atol=1e-5)
    lines = get("projector/metadata?" + at).decode().split("\n")
    names = [line.split("\t")[0].replace("\\n", "\n").replace("\\t", "\t") for line in lines[1:-1]]
    assert lines[0] == "name\tlabel" and sorted(names) == sorted(c.texts()), names
    picture = Image.open(io.BytesIO(get("projector/sprite_image?" + at))).convert("RGB")
    per = int(np.ceil(np.sqrt(images)))
    assert picture.size == (side * per, side * per), picture.size
    for i, name in enumerate(names):
        x, y = side * (i % per), side * (i // per)
        middle = np.asarray(picture.crop((x + 4, y + 4, x + 12, y + 12))).reshape(-1, 3).mean(0)
        assert ["red", "green", "blue"][int(middle.argmax())] == name.removeprefix("bytes:").split("/")[0], (name, middle)


def _settings(get):
    """Both runs are sessions that ended, with the settings that only one of them has, and with their results."""
    experiment = json.loads(get("hparams/experiment", {"includeMetrics": True}))
    columns = {info["name"]["tag"] for info in experiment["metricInfos"]}
    assert {"result/recall@1", "result/nmi", "result/map_at_r", "result/effective_rank"} <= columns, columns
    kinds = {info["name"]: info["type"] for info in experiment["hparamInfos"]}
    kind = {"lr": "FLOAT64", "seed": "FLOAT64", "final-whiten": "BOOL", "method": "STRING", "alpha": "FLOAT64"}
    assert {key: kinds[key] for key in kind} == {key: f"DATA_TYPE_{value}" for key, value in kind.items()}, kinds
    differing = {info["name"] for info in experiment["hparamInfos"] if info.get("differs")}
    assert "method" in differing and "seed" not in differing, differing
    shown = [{"hparam": name, "includeInResult": True} for name in kinds]
    wanted = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ["STATUS_SUCCESS"], "includeMetrics": True, "colParams": shown}
    groups = json.loads(get("hparams/session_groups", wanted))["sessionGroups"]
    assert sorted(group["hparams"]["method"] for group in groups) == ["cbswr", "instance"], groups
    for group in groups:
        assert group["hparams"]["size"] == SIZE and ("alpha" in group["hparams"]) == (group["hparams"]["method"] == "cbswr"), group
        values = {value["name"]["tag"]: value["value"] for value in group["metricValues"]}
        assert 0 < values["result/recall@1"] <= 1, values
