#!/usr/bin/env python3
"""Makes testdata/clustering.json: scikit-learn's scores of pairs of labellings, and NumPy's percentiles.

  pip install numpy scikit-learn && python scripts/goldens_clustering.py

Run by hand when a case is added; the Go tests read the file and need no Python.
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import pair_confusion_matrix

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "clustering.json"
RNG = np.random.default_rng(7)


def case(name, truth, found):
    (_, fp), (fn, tp) = pair_confusion_matrix(truth, found).tolist()
    return dict(name=name, truth=[int(v) for v in truth], found=[int(v) for v in found],
                nmi=float(normalized_mutual_info_score(truth, found, average_method="arithmetic")),
                ami=float(adjusted_mutual_info_score(truth, found, average_method="arithmetic")),
                ari=float(adjusted_rand_score(truth, found)), f1=2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0)


def labels(n, k):
    return RNG.integers(0, k, n)


def disturbed(truth, share, k):
    return np.where(RNG.random(len(truth)) < share, labels(len(truth), k), truth)


def main():
    a, many = labels(200, 7), labels(3000, 700)
    uneven = np.repeat(np.arange(9), [300, 1, 1, 2, 3, 40, 5, 1, 90])
    cases = [
        case("noisy", a, disturbed(a, 0.3, 9)), case("independent", a, labels(200, 12)), case("renamed", a, 90 - 3 * a),
        case("hundreds of classes of a few", many, disturbed(many, 0.4, 700)),
        case("hundreds of classes, independent", many, labels(3000, 650)),
        case("uneven", uneven, disturbed(uneven, 0.2, 14)), case("two clusters of many", labels(4000, 2), labels(4000, 2)),
        case("one cluster", a, np.zeros(200)), case("one class", np.zeros(200), a), case("one of each", a, np.arange(200)),
        case("all alone in both", np.arange(5), np.arange(5)), case("one in both", np.zeros(5), np.zeros(5)),
        case("a pair joined", np.arange(40), np.maximum(np.arange(40), 1)), case("two images", [0, 1], [0, 0]),
        case("worse than chance", [0, 0, 1, 1], [0, 1, 0, 1]),
    ]
    values = np.round(RNG.standard_normal(1000), 4)
    low, high = np.percentile(values, [2.5, 97.5])
    out = dict(cases=cases, percentiles=dict(values=values.tolist(), low=float(low), high=float(high)))
    OUT.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
