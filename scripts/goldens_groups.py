"""Writes engine/collection/groups/testdata/groups.json: the groups that scikit-learn finds in unit rows around seven directions with strays
between them, and their silhouette."""
import json
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sklearn.metrics import silhouette_score


def rows():
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(7, 6))
    sizes = [40, 25, 30, 12, 8, 50, 20]
    spread = [0.2, 0.3, 0.15, 0.1, 0.25, 0.35, 0.1]
    x = np.concatenate([c + rng.normal(size=(n, 6)) * s for c, n, s in zip(centres, sizes, spread, strict=True)])
    x = np.concatenate([x, rng.normal(size=(25, 6))])[rng.permutation(210)]
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x.astype(np.float32)


def main():
    x = rows()
    wide = x.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    average = {k: AgglomerativeClustering(k, metric="cosine", linkage="average").fit_predict(wide).tolist() for k in (3, 9, 30)}
    dense = {m: HDBSCAN(min_cluster_size=m, min_samples=m, copy=True).fit_predict(wide).tolist() for m in (3, 5, 10)}
    out = {"rows": [round(float(v), 9) for v in x.ravel()], "average": average, "density": dense,
           "silhouette": {k: float(silhouette_score(wide, v)) for k, v in average.items()}}
    path = Path(__file__).parent.parent / "engine/collection/groups/testdata/groups.json"
    path.write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
