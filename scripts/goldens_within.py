#!/usr/bin/env python3
"""Makes testdata/within.json: within-class whitenings of small cases by SciPy's generalised eigenvectors.

  pip install numpy scipy && python scripts/goldens_within.py

Run by hand when a case is added; the Go tests read the file and need no Python.
"""
import json
import pathlib

import numpy as np
import scipy.linalg

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "within.json"
RNG = np.random.default_rng(0)
ALL, EVEN = 0.3, 0.1


def case(name, images, pairs, columns, dim):
    """Features of images, and of two views of some of them, which differ more in some directions than in others."""
    mix = RNG.standard_normal((columns, columns))
    noise = RNG.standard_normal((columns, columns)) * 0.5 ** np.arange(columns)
    x = np.round(RNG.standard_normal((images, columns)) @ mix + 3, 4)
    of = np.concatenate([np.arange(pairs), np.arange(pairs)[::-1]])
    views = np.round(x[of] + RNG.standard_normal((len(of), columns)) @ noise.T, 4)
    total = np.cov(x.T, bias=True)
    within = (x[of] - views).T @ (x[of] - views) / len(of)
    part = ALL * np.trace(within) / np.trace(total) * total + EVEN * np.trace(within) / min(images - 1, columns) * np.eye(columns)
    within = (1 - ALL - EVEN) * within + part
    values, v = scipy.linalg.eigh(total, within)
    values, v = values[::-1], v[:, ::-1]
    kept = min(dim, int((values > 1e-9 * values[0]).sum()))
    v = v[:, :kept]
    v = v * np.sign(np.take_along_axis(v, np.abs(v).argmax(0)[None], 0))
    return dict(name=name, features=x.tolist(), of=of.tolist(), views=views.tolist(), dim=dim, mean=x.mean(0).tolist(),
                values=values[:kept].tolist(), projection=v.tolist())


def main():
    cases = [case("more images than channels", 40, 40, 7, 4), case("all directions", 30, 30, 6, 9),
             case("fewer images than channels", 6, 6, 11, 128), case("views of some images", 25, 9, 8, 5)]
    OUT.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
