"""numpy, FAISS, safetensors."""

import json

import faiss as library
import numpy as np
from safetensors import safe_open

from .collection import same


def _beside(c, out):
    """The paths and the description beside a file."""
    lines = (out.parent / (out.stem + ".paths.txt")).read_text().split("\n")
    escaped = [text.replace("\n", "\\n").replace("\t", "\\t") for text in c.texts()]
    assert lines == [*escaped, ""], lines
    about = json.loads((out.parent / (out.stem + ".about.json")).read_text())
    assert about["model"] == c.model and about["images"] == len(c.items) and about["metric"] == "cosine" and about["normalized"] is True


def npy(c):
    out = c.convert("npy", "array.npy")
    same(np.load(out), c.vectors, "npy")
    np.save(c.folder / "own.npy", c.vectors)
    assert out.read_bytes() == (c.folder / "own.npy").read_bytes()
    _beside(c, out)


def faiss(c):
    out = c.convert("faiss", "index.faiss")
    own = library.IndexFlatIP(c.vectors.shape[1])
    own.add(c.vectors)
    library.write_index(own, str(c.folder / "own.faiss"))
    assert out.read_bytes() == (c.folder / "own.faiss").read_bytes()
    index = library.read_index(str(out))
    assert index.metric_type == library.METRIC_INNER_PRODUCT
    scores, found = index.search(c.vectors, 3)
    wanted = c.vectors @ c.vectors.T
    np.testing.assert_allclose(scores, np.take_along_axis(wanted, found, 1), rtol=0, atol=1e-6)
    np.testing.assert_allclose(scores, -np.sort(-wanted, 1)[:, :3], rtol=0, atol=1e-6)
    _beside(c, out)


def safetensors(c):
    with safe_open(c.convert("safetensors", "x.safetensors"), "numpy") as f:
        meta = f.metadata()
        assert list(f.keys()) == ["embeddings"]
        same(f.get_tensor("embeddings"), c.vectors, "safetensors")
    assert json.loads(meta["names"]) == c.texts()
    assert meta["model"] == c.model and meta["format"] == "pt" and meta["layer"] == "pooled" and meta["normalized"] == "true", meta
