"""The programs for FiftyOne and LightlyStudio, which are too large to install here: stand-ins note what they are given. LightlyStudio's
interface for embedders is its own, from a package apart. scripts/test_apps.sh runs both with the real ones."""

import py_compile
import sys
import types

import lightly_studio_serve.types as serve
import numpy as np

from .collection import same
from .stores import load


class Dataset:
    """As much of a FiftyOne dataset as the program uses."""

    def __init__(self, paths):
        self.paths = {f"id{i}": path for i, path in enumerate(paths)}

    def values(self, fields):
        assert fields == ["id", "filepath"]
        return [list(self.paths), list(self.paths.values())]

    def select(self, ids, ordered):
        assert ordered
        return ids


class Made:
    """As much of a new dataset."""

    def __init__(self, name):
        self.name, self.samples = name, []

    def add_samples(self, samples):
        self.samples += samples


def _valid(c):
    """The images whose names are UTF-8; others cannot be told to these programs."""
    return [i for i, item in enumerate(c.items) if not item["path"].startswith("bytes:")]


def fiftyone(c):
    out = c.convert("fiftyone", "fiftyone", "--with-thumbnails")
    py_compile.compile(str(out / "load.py"), doraise=True)
    given = {}
    brain = types.ModuleType("fiftyone.brain")
    brain.compute_similarity = lambda view, **options: given.update(options, view=view)
    parent = types.ModuleType("fiftyone")
    parent.brain = brain
    sys.modules |= {"fiftyone": parent, "fiftyone.brain": brain}
    valid = _valid(c)[::-1]  # in another order than the table's
    paths = [str(c.photos / c.items[i]["path"]) for i in valid]
    parent.Dataset, parent.Sample, parent.Classification = Made, dict, lambda label: label
    made = load(out).dataset("photos", root="/at")
    assert made.name == "photos" and [(s["filepath"], s["ground_truth"]) for s in made.samples] == [
        (f"/at/{c.items[i]['path']}", c.items[i]["label"]) for i in _valid(c)
    ]
    assert load(out).add(Dataset([*paths, "/elsewhere/x.png"])) == (len(valid), 1)
    assert given["view"] == [f"id{i}" for i in range(len(valid))] and given["metric"] == "cosine" and given["brain_key"] == "udml"
    same(given["embeddings"], c.vectors[valid], "fiftyone")


def lightly(c):
    out = c.convert("lightly", "lightly")
    py_compile.compile(str(out / "load.py"), doraise=True)
    studio = types.ModuleType("lightly_studio")
    studio.EmbeddingSpaceSpec, studio.EmbeddingResult = serve.EmbeddingSpaceSpec, serve.EmbeddingResult
    sys.modules["lightly_studio"] = studio
    made = load(out).Embedder()
    spec = made.embedding_space_spec()
    assert spec.dimension == c.vectors.shape[1] and c.model in spec.space_key
    valid = _valid(c)[::-1]
    result = made.embed_images(["/elsewhere/x.png", *(str(c.photos / c.items[i]["path"]) for i in valid)])
    assert result.kept_indices == list(range(1, len(valid) + 1))
    same(result.embeddings, c.vectors[valid], "lightly")
    assert made.embed_images(["/elsewhere/x.png"]).embeddings.shape == (0, c.vectors.shape[1])
    assert result.embeddings.dtype == np.float32
