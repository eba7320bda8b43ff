#!/usr/bin/env python3
"""Makes testdata/eval.json: scores and whitenings of small cases, computed by common libraries.

  pip install torch numpy scikit-learn pytorch-metric-learning && python scripts/goldens_eval.py

Run by hand when a case is added; the Go tests read the file and need no Python.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN
from sklearn.covariance import ledoit_wolf
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import pair_confusion_matrix

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "eval.json"
RNG = np.random.default_rng(0)


def embeddings(sizes, dim, spread):
    """Rows around one random centre a class, in random order, of random length, with four decimals."""
    labels = RNG.permutation(np.repeat(np.arange(len(sizes)), sizes))
    x = RNG.standard_normal((len(sizes), dim))[labels] + spread * RNG.standard_normal((len(labels), dim))
    return np.round(x * RNG.uniform(0.5, 3, (len(labels), 1)), 4), labels


def recall(x, labels, k):
    """Share of ALL rows that have one of their class among the k nearest others by cosine."""
    z = F.normalize(torch.from_numpy(x))
    s = (z @ z.T).fill_diagonal_(-2)
    y = torch.from_numpy(labels)
    return (y[s.topk(k)[1]] == y[:, None]).any(1).double().mean().item()


def retrieval_case(name, sizes, dim, spread):
    x, labels = embeddings(sizes, dim, spread)
    calc = AccuracyCalculator(include=("precision_at_1", "mean_average_precision_at_r"), k="max_bin_count",
                              knn_func=CustomKNN(CosineSimilarity()), device=torch.device("cpu"))
    acc = calc.get_accuracy(torch.from_numpy(x), torch.from_numpy(labels))
    return dict(name=name, embeddings=x.tolist(), labels=labels.tolist(), recall={k: recall(x, labels, k) for k in (1, 2, 4, 8)},
                precision_at_1=acc["precision_at_1"], map_at_r=acc["mean_average_precision_at_r"],
                singular_values=np.linalg.svd(x, compute_uv=False).tolist())


def roles_case(name, sizes, dim, spread, unmatched):
    """Queries against a gallery that holds neither them nor any image of the classes `unmatched`: a query of those is a miss
    of Recall@K, and left out of the others."""
    x, labels = embeddings(sizes, dim, spread)
    query = np.isin(labels, unmatched) | (RNG.random(len(labels)) < 0.4)
    z, y, q = F.normalize(torch.from_numpy(x)), torch.from_numpy(labels), torch.from_numpy(query)
    calc = AccuracyCalculator(include=("precision_at_1", "mean_average_precision_at_r"), k="max_bin_count",
                              knn_func=CustomKNN(CosineSimilarity()), device=torch.device("cpu"))
    acc = calc.get_accuracy(z[q], y[q], z[~q], y[~q], ref_includes_query=False)
    near = (z[q] @ z[~q].T).topk(min(50, int((~q).sum())))[1]
    hit = y[~q][near] == y[q][:, None]
    return dict(name=name, embeddings=x.tolist(), labels=labels.tolist(), queries=np.flatnonzero(query).tolist(),
                gallery=np.flatnonzero(~query).tolist(),
                recall={k: hit[:, :k].any(1).double().mean().item() for k in (1, 10, 20, 30, 40, 50)},
                unmatched=int((~np.isin(labels[query], labels[~query])).sum()), precision_at_1=acc["precision_at_1"],
                map_at_r=acc["mean_average_precision_at_r"])


def clustering_case(name, truth, found):
    (_, fp), (fn, tp) = pair_confusion_matrix(truth, found).tolist()
    f1 = 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0
    return dict(name=name, truth=[int(v) for v in truth], found=[int(v) for v in found],
                nmi=float(normalized_mutual_info_score(truth, found, average_method="arithmetic")),
                ari=float(adjusted_rand_score(truth, found)), f1=f1, ami=float(adjusted_mutual_info_score(truth, found)))


def whitening_case(name, n, c, dim, power):
    """torch.linalg.svd of the centred features; each direction's largest component made positive."""
    f = np.round(RNG.standard_normal((n, c)) @ RNG.standard_normal((c, c)) + 3, 4)
    x = torch.from_numpy(f)
    mu = x.mean(0)
    _, s, vh = torch.linalg.svd(x - mu, full_matrices=False)
    d = min(dim, int((s > max(n, c) * 2.0 ** -23 * s[0]).sum()))
    v = vh[:d].T
    v = v * v.gather(0, v.abs().argmax(0, keepdim=True)).sign()
    return dict(name=name, features=f.tolist(), dim=dim, power=power, mean=mu.tolist(), projection=(v * s[:d] ** -power).tolist())


def shrinkage_case(name, n, c, decay):
    """scikit-learn's covariance of few features, whose variances fall by `decay` from one to the next in some rotation: the coefficient,
    and its variances, largest first."""
    f = np.round(RNG.standard_normal((n, c)) * decay ** np.arange(c) @ np.linalg.qr(RNG.standard_normal((c, c)))[0] + 1, 4)
    covariance, coefficient = ledoit_wolf(f)
    return dict(name=name, features=f.tolist(), coefficient=float(coefficient), variances=np.linalg.eigvalsh(covariance)[::-1].tolist())


def main():
    r = lambda n, k: RNG.integers(0, k, n)
    a = r(200, 7)
    noisy = np.where(RNG.random(200) < 0.3, r(200, 9), a)
    out = dict(
        retrieval=[retrieval_case("balanced", [6] * 8, 6, 0.7),
                   retrieval_case("uneven, with singletons", [20, 1, 9, 3, 1, 2, 14, 1], 5, 1.0),
                   retrieval_case("two classes", [5, 40], 3, 1.5), retrieval_case("hardly separable", [4] * 25, 8, 3.0)],
        clustering=[clustering_case("noisy", a, noisy), clustering_case("independent", a, r(200, 12)),
                    clustering_case("renamed", a, 90 - 3 * a),
                    clustering_case("one cluster", a, np.zeros(200)), clustering_case("one of each", a, np.arange(200)),
                    clustering_case("all alone in both", np.arange(5), np.arange(5)),
                    clustering_case("one in both", np.zeros(5), np.zeros(5)),
                    clustering_case("worse than chance", [0, 0, 1, 1], [0, 1, 0, 1])],
        whitening=[whitening_case("more images than channels", 40, 7, 4, 0.75), whitening_case("all directions", 30, 6, 9, 0.5),
                   whitening_case("fewer images than channels", 6, 11, 128, 0.75), whitening_case("as many", 8, 8, 5, 1.0)],
        roles=[roles_case("query and gallery", [6] * 20, 8, 1.2, []),
               roles_case("hardly separable, few in the gallery", [3] * 9, 4, 3.0, []),
               roles_case("classes without gallery", [1, 5, 20, 2, 9, 4, 30], 5, 1.5, [0, 3, 5])],
        shrinkage=[shrinkage_case("fewer images than channels", 6, 11, 0.8), shrinkage_case("as many", 9, 9, 0.9),
                   shrinkage_case("more", 30, 8, 0.7), shrinkage_case("equal variances", 12, 6, 1.0)])
    OUT.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
