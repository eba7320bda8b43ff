"""Writes engine/collection/layout/testdata/layout.json: what umap-learn (0.5.12) makes of the neighbours of 60 unit rows, some of them
equal, its curve for some least distances, and scikit-learn's trustworthiness of a plane through them."""
import json
from pathlib import Path

import numpy as np
from sklearn.manifold import trustworthiness
from umap.umap_ import find_ab_params, fuzzy_simplicial_set

NEIGHBOURS = 7


def rows():
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(5, 6))
    x = np.concatenate([c + rng.normal(size=(12, 6)) * s for c, s in zip(centres, [0.1, 0.2, 0.3, 0.5, 1.0], strict=True)])
    x[7] = x[5]
    x[8] = x[5]
    x[20:30] = x[20]
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x.astype(np.float32)


def neighbours(x):
    """The nearest others by cosine, best first, and their scores; equal ones in the order of the rows."""
    wide = x.astype(np.float64)
    score = wide @ wide.T
    np.fill_diagonal(score, np.inf)
    score[np.isfinite(score) & (score > 1 - 1e-6)] = 1
    order = np.argsort(-score, axis=1, kind="stable")[:, 1:NEIGHBOURS + 1]
    return order.astype(np.int32), np.take_along_axis(score, order, axis=1).astype(np.float32)


def main():
    x = rows()
    to, score = neighbours(x)
    itself = np.arange(len(x), dtype=np.int32)[:, None]
    indices = np.concatenate([itself, to], axis=1)
    distances = np.concatenate([np.zeros((len(x), 1), np.float32), np.float32(1) - score], axis=1)
    graph, _, _ = fuzzy_simplicial_set(x, NEIGHBOURS + 1, np.random.RandomState(0), "cosine", knn_indices=indices, knn_dists=distances)
    graph = graph.tocoo()
    edges = sorted((int(a), int(b), float(w)) for a, b, w in zip(graph.row, graph.col, graph.data, strict=True))
    rng = np.random.default_rng(4)
    apart = x[np.r_[0:20, 30:60]] + rng.normal(size=(50, 6)) * 1e-3  # ranks must not hang on ties
    apart = (apart / np.linalg.norm(apart, axis=1, keepdims=True)).astype(np.float32)
    plane = apart[:, :2].copy()
    wide, flat = apart.astype(np.float64), plane.astype(np.float64)
    trust = {k: float(trustworthiness(wide, flat, n_neighbors=k, metric="cosine")) for k in (1, 5, 15)}
    out = {"k": NEIGHBOURS, "to": to.ravel().tolist(), "score": score.ravel().tolist(), "edges": edges,
           "curves": {str(d): list(map(float, find_ab_params(1.0, d))) for d in (0.0, 0.001, 0.1, 0.25, 0.5, 0.8, 0.99)},
           "rows": apart.ravel().tolist(), "plane": plane.ravel().tolist(), "trust": trust}
    path = Path(__file__).parent.parent / "engine/collection/layout/testdata/layout.json"
    path.write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
