"""Ten steps of plain SGD on the embedding layer with small views besides the usual two (multi-crop), by the methods of engine/method that
take them: given features of a backbone, losses and the layer afterwards.

Written from the definitions in docs/method.md, one pair after another.  Everything runs in float64 from float32 features.
"""
import math

import torch
import torch.nn.functional as F

from goldens_baselines import D, IMAGES, LABELS, LR, NCE_T, SEED, STEPS, T, WIDTH
from goldens_case import Goldens

CROPS, ALPHA, CLUSTERS = 3, 0.7, 8
ROWS = (2 + CROPS) * IMAGES


def instance_loss(f):
    """Each small view is compared with the keys in the place of the first view, and in that of the second."""
    views = f.split(IMAGES)
    x, keys = torch.cat([*views[:2], *[v for small in views[2:] for v in (small, small)]]), f[: 2 * IMAGES].detach()
    itself = torch.eye(2 * IMAGES).bool().repeat(CROPS + 1, 1)
    partner = itself.roll(IMAGES, 1)
    s = (x @ keys.T / T).masked_fill(itself, -math.inf)
    every = s.logsumexp(1)
    # log(1 - p_j) = LSE over all but the place and j - LSE over all but the place
    without = s[:, None].masked_fill(torch.eye(2 * IMAGES).bool(), -math.inf).logsumexp(2)
    push = (without - every[:, None]).masked_fill(itself | partner, 0).sum(1)
    return -((s * partner).masked_fill(itself, 0).sum(1) - every + ALPHA * push).mean()


def cross_entropy(scores, target):
    """All rows of all views count alike."""
    own = F.one_hot(torch.tensor(target), scores.shape[1]).to(scores)
    return (torch.logsumexp(scores, 1) - (scores * own).sum(1)).mean()


def instance(f, _):
    return instance_loss(f)


def nce(f, bank):
    return cross_entropy(f @ bank.T / NCE_T, list(range(IMAGES)) * (2 + CROPS))


def exemplar(f, weight):
    return cross_entropy(F.linear(f, weight) / T, list(range(IMAGES)) * (2 + CROPS))


def centroids(f, weight):
    return cross_entropy(F.linear(f, weight) / T, LABELS * (2 + CROPS))


def moved(bank, f):
    """The usual two views move the bank, the small ones do not."""
    for view in f.detach()[:IMAGES], f.detach()[IMAGES : 2 * IMAGES]:
        bank = F.normalize(0.5 * bank + 0.5 * view, eps=1e-12)
    return bank


# The rows of each case's own tensor, if it has one, its name, and whether it is trained.
CASES = {"instance": (instance, 0, "", False), "nce": (nce, IMAGES, "bank", False), "exemplar": (exemplar, IMAGES, "surrogate", True),
         "centroids": (centroids, CLUSTERS, "centroids", False)}


def features(seed):
    """Of classes that overlap, more so in small views."""
    g = torch.Generator().manual_seed(seed)
    centres, of = torch.randn(10, WIDTH, generator=g), torch.tensor(LABELS * (2 + CROPS))
    spread = torch.tensor([1.0] * 2 + [1.5] * CROPS).repeat_interleave(IMAGES)[:, None]
    return [centres[of] + spread * torch.randn(ROWS, WIDTH, generator=g) for _ in range(STEPS)]


def train(case, start, data, dtype):
    loss, _, name, trained = CASES[case]
    at = {k: v.to(dtype).clone().requires_grad_(trained or k != name) for k, v in start.items()}
    opt, losses = torch.optim.SGD([v for v in at.values() if v.requires_grad], LR, foreach=False), []
    for x in data:
        f = F.normalize(F.linear(x.to(dtype), at["weight"], at["bias"]), eps=1e-12)
        value = loss(f, at.get(name))
        opt.zero_grad()
        value.backward()
        opt.step()
        losses.append(value.detach())
        if case == "nce":
            at[name] = moved(at[name], f)
    return {"losses": torch.stack(losses)} | {k: v.detach() for k, v in at.items()}


def crops():
    out = Goldens()
    for case, (_, rows, name, _) in CASES.items():
        g = torch.Generator().manual_seed(SEED)
        start = {"weight": torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, "bias": 0.1 * torch.randn(D, generator=g)}
        if rows:
            start[name] = F.normalize(torch.randn(rows, D, generator=g))
        data = features(SEED)
        out.keep(case, {"features": torch.stack(data), "labels": torch.tensor(LABELS).int(),
                        "lr": torch.tensor([LR], dtype=torch.float64)} | {f"start/{k}": v for k, v in start.items()})
        run = lambda dtype, order, case=case, start=start, data=data: train(case, start, data, dtype)
        want, ratio, rough = out.compute(case, run, results=torch.float64)
        print(f"{case}: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, "
              f"float32 is {rough:.1e} away")
    return out
