#!/usr/bin/env python3
"""Makes testdata/criteria.json: figures of small embeddings that need no labels, computed by NumPy, SciPy and scikit-learn.

  pip install numpy scipy scikit-learn && python scripts/goldens_criteria.py

Run by hand when a case is added; the Go tests read the file and need no Python.
"""
import json
import pathlib

import numpy as np
from scipy.linalg import eigh
from scipy.stats import skew
from sklearn.neighbors import NearestNeighbors

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "criteria.json"
RNG = np.random.default_rng(0)
DELTA = 1e-4


def lidar(x, n):
    """exp of the entropy of the eigenvalues of S_b v = e S_w v, which are those of S_w^-1/2 S_b S_w^-1/2."""
    views = x.reshape(-1, n, x.shape[1])
    means = views.mean(0)
    between = np.cov(means.T, bias=True)
    rest = (views - means).reshape(-1, x.shape[1])
    p = np.clip(eigh(between, rest.T @ rest / len(rest) + DELTA * np.eye(x.shape[1]), eigvals_only=True), 0, None)
    p = p[p > 0] / p.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def neighbours(x, gallery, k):
    """The k nearest rows of the gallery by cosine, without the row itself."""
    found = NearestNeighbors(n_neighbors=k + 1, metric="cosine", algorithm="brute").fit(gallery).kneighbors(x, return_distance=False)
    return [[j for j in row if j != i][:k] for i, row in enumerate(found)]


def case(name, n, dim, views, spread, k):
    """Views around a random direction for each image, rows of length 1, as float32."""
    x = RNG.standard_normal((n, dim)) * 0.8 ** np.arange(dim) + spread * RNG.standard_normal((views, n, dim))
    x = (x / np.linalg.norm(x, axis=2, keepdims=True)).astype(np.float32).reshape(-1, dim)
    near = neighbours(x[:n], x[:n], k)
    counts = np.bincount(np.concatenate(near), minlength=n)
    a, b = neighbours(x[n:2 * n], x[:n], k), neighbours(x[2 * n:3 * n], x[:n], k)
    overlap = float(np.mean([len(set(p) & set(q)) / k for p, q in zip(a, b, strict=True)]))
    return dict(name=name, images=n, dim=dim, views=views, k=k, embedding=[float(v) for v in x.ravel()], lidar=lidar(x.astype(float), n),
                hubness=float(skew(counts)), overlap=overlap)


def main():
    cases = [case("more images than directions", 60, 12, 3, 0.3, 5), case("fewer", 10, 16, 3, 0.1, 3), case("noise", 40, 8, 4, 3.0, 5)]
    OUT.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
