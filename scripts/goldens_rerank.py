"""Writes engine/collection/search/testdata/rerank.json: k-reciprocal re-ranking as the program published with the paper does it (Zhong et
al., CVPR 2017; k1 20, k2 6, lambda 0.3), with 1 - cosine for the distance. Needs numpy alone."""
import json
import math
from pathlib import Path

import numpy as np

ROWS, DIM, K1, K2, LAMBDA = 61, 8, 20, 6, 0.3


def rows():
    """Unit rows around nine directions; the first is the query. The test makes the same in Go."""
    r = np.empty((ROWS, DIM))
    for i in range(ROWS):
        for d in range(DIM):
            r[i, d] = math.sin(3 * (i % 9) * (d + 1)) + 0.6 * math.sin(1.7 * i * (d + 1) + 0.3 * d)
    r /= np.linalg.norm(r, axis=1, keepdims=True)
    return r.astype(np.float32).astype(np.float64)


def reciprocal(order, i, k):
    forward = order[i, : k + 1]
    return forward[np.where(order[forward, : k + 1] == i)[0]]


def rerank(x):
    distance = 1 - x @ x.T
    np.fill_diagonal(distance, 0)
    ranked = distance.copy()
    np.fill_diagonal(ranked, -1)  # a row is its own first neighbour
    order = np.argsort(ranked, axis=1, kind="stable")
    weights = np.zeros_like(distance)
    for i in range(len(x)):
        own = reciprocal(order, i, K1)
        every = own
        for j in own:
            half = reciprocal(order, j, int(np.around(K1 / 2)))
            if len(np.intersect1d(half, own)) > 2 / 3 * len(half):
                every = np.append(every, half)
        every = np.unique(every)
        w = np.exp(-distance[i, every])
        weights[i, every] = w / w.sum()
    mean = np.array([weights[order[i, :K2]].mean(0) for i in range(len(x))])
    low = np.minimum(mean[0], mean[1:]).sum(1)
    high = np.maximum(mean[0], mean[1:]).sum(1)
    return 1 - ((1 - LAMBDA) * (1 - low / high) + LAMBDA * distance[0, 1:])


def main():
    scores = rerank(rows())
    path = Path(__file__).parent.parent / "engine/collection/search/testdata/rerank.json"
    path.write_text(json.dumps([round(float(s), 7) for s in scores]) + "\n")


if __name__ == "__main__":
    main()
