"""Mutual neighbours (engine/method/mutual.go): how much two images share of those nearest to them, for given unit vectors, and ten steps of
plain SGD on the embedding layer behind given features, by the loss that its pairs are learnt with.

The neighbours are sets, written from their definition; the loss is written row by row from its paper (Ye et al., CVPR 2019).
"""
import sys

import torch
import torch.nn.functional as F

from goldens_baselines import LR, D, IMAGES, LABELS, WIDTH, features, train
from goldens_case import Goldens

T, SEED = 0.1, 9
N, NEAREST, CLASSES, SPREAD, TIE = 60, 7, 9, 0.25, 1e-5  # distances nearer than this could change places in float32


def instance_loss(f, _):
    """Each row against the others, which are constants: its other view is the right one, and the rest are to be told apart."""
    terms, n = [], 2 * IMAGES
    for i in range(n):
        others, pair = [j for j in range(n) if j != i], (i + IMAGES) % n
        p = torch.softmax((f[i] * f.detach()[others]).sum(1) / T, 0)
        right = others.index(pair)
        terms.append(torch.log(p[right]) + torch.log(1 - p[[k for k in range(n - 1) if k != right]]).sum())
    return -torch.stack(terms).mean()


def shares(x):
    """Of each two images that are each among the other's NEAREST, the Jaccard index of what is near them, themselves included; else 0."""
    distance = torch.cdist(x.double(), x.double()).fill_diagonal_(-1)
    ranked, at = distance.sort(1)
    if (ranked[:, NEAREST + 1] - ranked[:, NEAREST]).min() < TIE:
        sys.exit("mutual: two images are as near to a third: choose another seed")
    near = [set(row[: NEAREST + 1]) for row in at.tolist()]
    share = torch.zeros(N, N, dtype=torch.float64)
    for i in range(N):
        for j in near[i] - {i}:
            if i in near[j]:
                share[i, j] = len(near[i] & near[j]) / len(near[i] | near[j])
    return share


def mutual():
    out, g = Goldens(), torch.Generator().manual_seed(SEED)
    start = {"weight": torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, "bias": 0.1 * torch.randn(D, generator=g)}
    data = features(SEED)
    out.keep("mutual", {"features": torch.stack(data), "labels": torch.tensor(LABELS).int(),
                        "lr": torch.tensor([LR], dtype=torch.float64)} | {f"start/{k}": v for k, v in start.items()})
    want, ratio, rough = out.compute(
        "mutual", lambda dtype, order: train(instance_loss, start.values(), None, data, dtype), results=torch.float64)
    centres = F.normalize(torch.randn(CLASSES, D, generator=g))
    x = F.normalize(centres[torch.arange(N) % CLASSES] + SPREAD * torch.randn(N, D, generator=g))
    share = shares(x)
    out.keep("neighbours", {"x": x, "share": share})
    print(f"mutual: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, float32 is "
          f"{rough:.1e} away; {(share > 0).sum()} neighbours, {(share.sum(1) == 0).sum()} images without")
    return out
