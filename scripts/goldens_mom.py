"""MoM (engine/method/mom.go): ten steps of plain SGD on the embedding layer behind given features, with the weights of given triplets, and
what is mined from given unit vectors.

Written from the paper (Iscen et al., CVPR 2018) and the authors' description of their graph (Iscen et al., "Efficient Diffusion on Region
Manifolds", CVPR 2017).  The mining is numpy's and SciPy's, on dense matrices, in float64 from float32 vectors.
"""
import sys

import numpy as np
import scipy.sparse.linalg
import torch
import torch.nn.functional as F

from goldens_baselines import LR, D, IMAGES, WIDTH, features, train
from goldens_case import Goldens

MARGIN, UNIT, SEED = 0.5, 2.0**-24, 7
WEIGHTS = [12582912, 12582912, 2097152, 2097152, 0, 0, 33554432, 33554432]  # .75, .125, 0 and 2 of a group of two rows
N, GRAPH, POSITIVES, NEGATIVES, ALPHA = 90, 8, 6, 20, 0.99
APART = 1e-9  # how far apart numbers that are sorted must be, relatively: rounding in float64 does not change their order


def loss_of(f, _):
    """One triplet after another."""
    terms = []
    for row in range(0, IMAGES, 2):
        anchor, positive = f[row], f[IMAGES + row]
        for negative in f[row + 1], f[IMAGES + row + 1]:
            near, far = (anchor - positive).pow(2).sum(), (anchor - negative).pow(2).sum()
            terms.append(WEIGHTS[row] * UNIT * F.relu(MARGIN + near - far))
    return torch.stack(terms).mean()


def order(values, what):
    """The places of values, largest first; the script ends where it depends on rounding."""
    places = np.argsort(-values, kind="stable")
    gaps = -np.diff(values[places])
    if gaps.min() < APART * np.abs(values).max():
        sys.exit(f"mining: {what} are {gaps.min():.1e} apart: choose another seed")
    return places


def mine(x):
    """Positives with their similarities, and negatives, [N,most] filled with -1 and 0."""
    x = x.astype(np.float64)
    s = x @ x.T
    ranked = np.stack([order(row, "distances") for row in s])
    near = np.zeros((N, N), bool)
    for i in range(N):
        near[i, ranked[i, :GRAPH]] = True
    a = np.where(near & near.T, np.maximum(s, 0) ** 3, 0)
    np.fill_diagonal(a, 0)
    degree = a.sum(1)
    root = np.where(degree > 0, 1 / np.sqrt(np.maximum(degree, 1e-300)), 0)
    system = np.eye(N) - ALPHA * root[:, None] * a * root
    positives, weights, negatives = (np.full((N, most), fill) for most, fill in ((POSITIVES, -1), (POSITIVES, 0.0), (NEGATIVES, -1)))
    for q in range(N):
        m, _ = scipy.sparse.linalg.cg(system, np.eye(N)[q], rtol=0, atol=1e-10, maxiter=20)
        reached = np.flatnonzero(m > 0)
        along = reached[order(m[reached], "similarities")]
        own = [j for j in along[:POSITIVES] if j not in ranked[q, :POSITIVES]]
        positives[q, :len(own)], weights[q, :len(own)] = own, m[own]
        own = [j for j in ranked[q, :NEGATIVES] if j not in along[:NEGATIVES]]
        negatives[q, :len(own)] = own
    return positives, weights, negatives


def vectors():
    """Unit vectors along two arcs that come near each other, and single ones."""
    rng = np.random.default_rng(SEED)
    angle = rng.uniform(0, np.pi, N)
    arc = np.arange(N) % 2
    plane = np.stack([np.cos(angle) + arc, np.sin(angle) * (1 - 2 * arc) + 0.3 * arc], 1)
    x = np.concatenate([plane, np.ones((N, 1)), 0.15 * rng.standard_normal((N, 3))], 1)
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def mom():
    out, g = Goldens(), torch.Generator().manual_seed(SEED)
    start = {"weight": torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, "bias": 0.1 * torch.randn(D, generator=g)}
    data = features(SEED)
    out.keep("mom", {"features": torch.stack(data), "labels": torch.tensor(WEIGHTS).int(),
                     "lr": torch.tensor([LR], dtype=torch.float64)} | {f"start/{k}": v for k, v in start.items()})
    want, ratio, rough = out.compute("mom", lambda dtype, order: train(loss_of, start.values(), None, data, dtype), results=torch.float64)
    x = vectors()
    positives, weights, negatives = mine(x)
    out.keep("mining", {"x": torch.from_numpy(x), "positives": torch.from_numpy(positives).int(), "weights": torch.from_numpy(weights),
                        "negatives": torch.from_numpy(negatives).int()})
    print(f"mom: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, float32 is "
          f"{rough:.1e} away; {(positives >= 0).sum()} positives of {(positives[:, 0] >= 0).sum()} images, {(negatives >= 0).sum()} "
          f"negatives of {(negatives[:, 0] >= 0).sum()}")
    return out
