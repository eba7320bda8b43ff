"""Ten steps of plain SGD on the two heads of STML (engine/method/stml.go) behind given features, with the teacher's head as it moves.

The similarities are written from the paper (Kim et al., "Self-Taught Metric Learning without Labels", CVPR 2022) and the rules of
its program with sets of rows, the losses pair by pair.  Everything runs in float64 from float32 features.
"""
import math
import sys

import torch
import torch.nn.functional as F

from goldens_baselines import D, IMAGES, LABELS, STEPS, WIDTH, features
from goldens_case import Goldens

WIDE, K, SIGMA, DELTA, KEEP, LR, SEED = 9, 3, 3.0, 0.9, 0.9, 0.5, 2
TIE = 1e-4  # similarities nearer than this could change places in float32
SAMPLES = [0, 1, 2, 3, 4, 5, 5, 7]  # one image is in the batch twice


def nearest(s, i, images):
    """The 2 K rows nearest to i: those of its image first."""
    order = sorted(range(len(s)), key=lambda j: (images[j] != images[i], -s[i][j] if images[j] != images[i] else 0, j))
    if images[order[2 * K]] != images[i] and images[order[2 * K - 1]] != images[i]:
        gaps = [s[i][order[a]] - s[i][order[a + 1]] for a in range(2 * K) if images[order[a]] != images[i]]
        if min(gaps) < TIE:
            sys.exit(f"stml: two rows are as near to row {i}: choose another seed")
    return order[: 2 * K]


def similarities(teacher):
    """W: the mean of P and C."""
    s, images, n = (teacher @ teacher.T).tolist(), SAMPLES + SAMPLES, len(teacher)
    top = [nearest(s, i, images) for i in range(n)]
    mutual = [{j for j in top[i] if i in top[j]} for i in range(n)]
    overlap = [[len(mutual[i] & mutual[j]) / len(mutual[i]) if j in mutual[i] else 0.0 for j in range(n)] for i in range(n)]
    mean = [[sum(overlap[h][j] for h in top[i][: round(K)]) / round(K) for j in range(n)] for i in range(n)]
    return [[(math.exp(-max(0, 2 - 2 * s[i][j]) / SIGMA) + (mean[i][j] + mean[j][i]) / 2) / 2 for j in range(n)] for i in range(n)]


def relative(h):
    """Of each row, the distances of the others over the mean with its own, which is 0."""
    rows = []
    for i in range(len(h)):
        d = (torch.cat([h[:i], h[i + 1 :]]) - h[i]).pow(2).sum(1).sqrt()
        rows.append(d / (d.sum() / len(h)))
    return rows


def relaxed(rows, w):
    terms = []
    for i, d in enumerate(rows):
        near = torch.tensor(w[i][:i] + w[i][i + 1 :], dtype=d.dtype)
        terms.append(near * d.pow(2) + (1 - near) * F.relu(DELTA - d).pow(2))
    return torch.stack(terms).mean()


def divergence(near, wide):
    terms = []
    for f, g in zip(near, wide, strict=True):
        own = f.new_zeros(1)
        p, q = torch.log_softmax(torch.cat([own, -g.detach()]), 0), torch.log_softmax(torch.cat([own, -f]), 0)
        terms.append((p.exp() * (p - q)).sum())
    return torch.stack(terms).mean()


def train(start, data, dtype):
    """Losses and heads; the teacher moves before the heads do."""
    weight, bias, projection = (v.to(dtype).clone() for v in start.values())
    weight.requires_grad_(), projection.requires_grad_()
    teacher, losses = projection.detach().clone(), []
    opt = torch.optim.SGD([weight, projection], LR, foreach=False)
    for x in data:
        x = x.to(dtype)
        w = similarities(F.normalize(F.linear(x, teacher), eps=1e-12))
        near, wide = relative(F.linear(x, weight, bias)), relative(F.linear(x, projection))
        loss = (relaxed(near, w) + relaxed(wide, w)) / 2 + divergence(near, wide)
        opt.zero_grad()
        loss.backward()
        teacher = KEEP * teacher + (1 - KEEP) * projection.detach()
        opt.step()
        losses.append(loss.detach())
    return {"losses": torch.stack(losses), "weight": weight.detach(), "bias": bias, "projection": projection.detach(), "teacher": teacher}


def stml():
    out, g = Goldens(), torch.Generator().manual_seed(SEED)
    start = {"weight": torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, "bias": 0.1 * torch.randn(D, generator=g),
             "projection": torch.randn(WIDE, WIDTH, generator=g) / WIDTH**0.5}
    data = features(SEED)
    assert len(data) == STEPS and len(LABELS) == len(SAMPLES) == IMAGES
    out.keep("stml", {"features": torch.stack(data), "labels": torch.tensor(LABELS).int(), "samples": torch.tensor(SAMPLES).int(),
                      "lr": torch.tensor([LR], dtype=torch.float64)} | {f"start/{k}": v for k, v in start.items()})
    want, ratio, rough = out.compute("stml", lambda dtype, order: train(start, data, dtype), results=torch.float64)
    print(f"stml: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, "
          f"float32 is {rough:.1e} away")
    return out
