"""Compares the maps of udml-gpu with those of umap-learn of the same exact neighbours: trustworthiness (15 neighbours, cosine; of up to
2,000 images at equal distances), extent (the larger of width and height) and processor time, of so many seeds each. The collections
get the map of the last seed.

  python scripts/check_map.py PROGRAM SEEDS COLLECTION...        needs umap-learn, pyarrow
"""
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import umap

NEIGHBOURS, TRUST, SAMPLE, BLOCK = 15, 15, 2000, 500


def read(path):
    """The paths and vectors of the images that are not gone."""
    manifest = json.loads((path / "manifest.json").read_text())
    items = pyarrow.parquet.read_table(path / manifest["items"]["name"], columns=["path", "gone"])
    live = ~np.array([bool(v) for v in items["gone"].to_pylist()])
    rows = np.fromfile(path / manifest["vectors"]["name"], "<f4").reshape(-1, manifest["dimensions"])
    return [p for p, keep in zip(items["path"].to_pylist(), live, strict=True) if keep], rows[live]


def neighbours(x):
    """Indices and distances of each row and its nearest others, itself first, as umap-learn takes them."""
    n = len(x)
    to, far = np.empty((n, NEIGHBOURS + 1), np.int32), np.zeros((n, NEIGHBOURS + 1), np.float32)
    for lo in range(0, n, BLOCK):
        score = x[lo:lo + BLOCK] @ x.T
        rows = np.arange(len(score))
        score[rows, lo + rows] = -np.inf
        best = np.argpartition(-score, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        near = np.take_along_axis(score, best, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        to[lo + rows, 0] = lo + rows
        to[lo:lo + BLOCK, 1:] = np.take_along_axis(best, order, axis=1)
        far[lo:lo + BLOCK, 1:] = np.maximum(0, 1 - np.take_along_axis(near, order, axis=1))
    return to, far


def trustworthiness(x, at):
    """sklearn.manifold.trustworthiness(x, at, n_neighbors=TRUST, metric="cosine"), of a sample."""
    n, total = len(x), 0
    chosen = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(int))
    for i in chosen:
        far = ((at - at[i]) ** 2).sum(1)
        far[i] = np.inf
        score = x @ x[i]
        score[i] = -np.inf
        for j in np.argpartition(far, TRUST)[:TRUST]:
            total += max(0, 1 + int((score > score[j]).sum()) - TRUST)
    return 1 - total * 2 / (len(chosen) * TRUST * (2 * n - 3 * TRUST - 1))


def ours(program, path, paths, seed):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "map.csv"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "map", path, "--seed", str(seed), "--neighbours", str(NEIGHBOURS), "--out", out], check=True,
                       stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        table = pyarrow.csv.read_csv(out)
        place = dict(zip(table["path"].to_pylist(), zip(table["x"].to_pylist(), table["y"].to_pylist(), strict=True), strict=True))
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return np.array([place[p] for p in paths], np.float32), seconds


def theirs(x, known, seed, init):
    start = time.process_time()
    at = umap.UMAP(n_neighbors=NEIGHBOURS + 1, min_dist=0.1, metric="cosine", init=init, random_state=seed,
                   precomputed_knn=(*known, None)).fit_transform(x)
    return at, time.process_time() - start


def show(name, results, x):
    trust = [trustworthiness(x, at) for at, _ in results]
    wide = np.median([np.ptp(at, axis=0).max() for at, _ in results])
    print(f"  {name:22s} trustworthiness {np.median(trust):.4f} ({min(trust):.4f} to {max(trust):.4f}), "
          f"extent {wide:.1f}, processor time {np.median([s for _, s in results]):.1f} s", flush=True)


def main():
    warnings.filterwarnings("ignore")
    program, seeds, *collections = sys.argv[1:]
    seeds = range(int(seeds))
    for path in map(Path, collections):
        paths, x = read(path)
        print(f"{path.name}: {len(x)} images", flush=True)
        show("udml-gpu", [ours(program, path, paths, seed) for seed in seeds], x)
        known = neighbours(x)
        for init in ("pca", "spectral"):
            show(f"umap-learn, {init}", [theirs(x, known, seed, init) for seed in seeds], x)


if __name__ == "__main__":
    main()
