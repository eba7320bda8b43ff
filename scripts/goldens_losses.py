"""Goldens of the losses of CBSwR (docs/architecture.md, section 5) and of instance discrimination, written from the formulas and
differentiated by autograd in float64.

Inputs are float32, results float64: the Go tests run both types against them.
"""
import math

import torch
import torch.nn.functional as F

from goldens_case import Goldens
from goldens_ops import exact

B, K, D = 8, 8, 12


def rim_loss(logits, mu):
    """mean_i H(p_i)/log K + 1 - mu H(mean_i p_i)/log K, and both entropies."""
    logp = logits.log_softmax(1)
    p, mean = logp.exp(), logp.exp().mean(0)
    rows = -(p * logp).sum(1).mean() / math.log(logits.shape[1])
    marginal = -(mean * mean.log()).sum() / math.log(logits.shape[1])
    return rows + 1 - mu * marginal, rows, marginal


def metric_loss(f, c, slot, t, alpha):
    """L_m against the centroids c of the live slots; c and the partner rows are constants."""
    n = len(f)
    partner = f.detach().roll(n // 2, 0)
    pull = (f * partner).sum(1) / t
    if len(c) == 1:
        return -pull.mean()
    s = f @ c.detach().T / t
    own = F.one_hot(slot, len(c)).bool()
    push = s.masked_fill(own, -math.inf).logsumexp(1)
    # log(1 - softmax_j) = LSE over all but j - LSE over all
    without = s[:, None].masked_fill(torch.eye(len(c)).bool(), -math.inf).logsumexp(2)
    tail = (without - s.logsumexp(1, keepdim=True)).masked_fill(own, 0).sum(1)
    return -(pull - push + alpha * tail).mean()


def instance_loss(z, t, alpha):
    """Instance discrimination over both views (Ye et al. 2019); the keys, with which every row is compared, are constants."""
    n, keys = len(z), z.detach()
    itself = torch.eye(n).bool()
    partner = itself.roll(n // 2, 0)
    s = (z @ keys.T / t).masked_fill(itself, -math.inf)
    every = s.logsumexp(1)
    pull = (z * keys.roll(n // 2, 0)).sum(1) / t - every
    # log(1 - p_ij) = LSE over all but i and j - LSE over all but i
    without = s[:, None].masked_fill(itself, -math.inf).logsumexp(2)
    push = (without - every[:, None]).masked_fill(itself | partner, 0).sum(1)
    return -(pull + alpha * push).mean()


def pseudo_labels(logits):
    """The slot of every row, both views by the first view's arg max; live labels ascending have slots 0, 1, ..."""
    label = logits[: len(logits) // 2].argmax(1).repeat(2)
    return label.unique(return_inverse=True)[1]


def counts(slot, size):
    return torch.bincount(slot, minlength=size).int()


def case(out, name, loss, given, numbers):
    """loss(x, others, order) gives the case's tensors; x is the first of the given floats, and the variable of the gradient."""
    given = {k: v.float() if v.is_floating_point() else v for k, v in given.items()}
    numbers = {k: torch.tensor([v], dtype=torch.float64) for k, v in numbers.items()}
    first = next(iter(given))

    def run(dtype, order):
        at = {k: v.to(dtype, copy=True) if v.is_floating_point() else v for k, v in given.items()}
        x = at.pop(first).requires_grad_()
        results = loss(x, **at, **{k: v.item() for k, v in numbers.items()})
        results["loss"].backward()
        return {k: v.detach().reshape(-1) for k, v in results.items()} | {"d" + first: x.grad}

    out.keep(name, given | numbers)
    out.compute(name, run, results=torch.float64)


def rim_case(out, name, logits, mu):
    def loss(logits, mu):
        value, *terms = rim_loss(logits, mu)
        return {"loss": value, "terms": torch.stack(terms)}

    case(out, name, loss, {"logits": logits}, {"mu": mu})


def metric_case(out, name, slot, seed, t=0.1, alpha=1.0, near=0.0):
    """near > 0 pulls rows towards their centroids, so that one softmax entry is nearly 1."""
    size = min(K, B)
    c = F.normalize(exact(size, D, seed=seed)).float().double()
    f = F.normalize(exact(2 * B, D, seed=seed + 1) + near * c[slot])
    live = int(slot.max()) + 1
    loss = lambda f, c, slot, count, t, alpha: {"loss": metric_loss(f, c[:live], slot.long(), t, alpha)}
    case(out, name, loss, {"f": f, "c": c, "slot": slot.int(), "count": counts(slot, size)}, {"t": t, "alpha": alpha})


def instance_case(out, name, images, seed, t=0.1, alpha=1.0, near=0.0, of=lambda i, images: i % images):
    """near > 0 pulls each row towards row of(i, images): that of the first view, or of another image."""
    start = exact(2 * images, D, seed=seed)
    z = F.normalize(start + near * start[[of(i, images) for i in range(2 * images)]])
    case(out, name, lambda z, t, alpha: {"loss": instance_loss(z, t, alpha)}, {"z": z}, {"t": t, "alpha": alpha})


def reconstruction_case(out, name, slot, seed):
    size = min(K, B)
    d, target = exact(size, 3, 4, 5, seed=seed).sigmoid(), exact(2 * B, 3, 4, 5, seed=seed + 1).sigmoid()
    loss = lambda d, target, slot, count: {"loss": (target - d[slot.long()]).square().mean()}
    case(out, name, loss, {"d": d, "target": target, "slot": slot.int(), "count": counts(slot, size)}, {})


def loss():
    out, logits = Goldens(), exact(2 * B, K, seed=900, scale=2)
    labels = lambda dtype, order: {"slot": (slot := pseudo_labels(logits.to(dtype))).int(), "count": counts(slot, min(K, B))}
    out.keep("labels", {"logits": logits.float()})
    some = out.compute("labels", labels)[0]["slot"]
    assert 1 < int(some.max()) + 1 < min(K, B), "the case should have several clusters and empty slots"
    one, every, few = torch.zeros(2 * B).long(), torch.arange(B).repeat(2), torch.tensor([0, 2, 1, 2, 0, 2, 2, 0]).repeat(2)
    for name, x, mu in [("rim", logits, 1.0), ("rim_mu", logits, 2.0), ("rim_confident", 40 * logits, 1.0),
                            ("rim_k2", exact(6, 2, seed=901), 1.0)]:
        rim_case(out, name, x, mu)
    for name, slot, seed in [("metric", some.long(), 910), ("metric_single", one, 920), ("metric_full", every, 930)]:
        metric_case(out, name, slot, seed)
    metric_case(out, "metric_alpha", few, 940, t=0.5, alpha=0.3)
    metric_case(out, "metric_sharp", few, 950, t=0.02, near=4.0)
    reconstruction_case(out, "reconstruction", few, 960)
    reconstruction_case(out, "reconstruction_single", one, 970)
    instance_case(out, "instance", B, 980)
    instance_case(out, "instance_near", B, 981, near=1.0)
    instance_case(out, "instance_alpha", B, 982, t=0.5, alpha=0.3)
    instance_case(out, "instance_two", 2, 983)
    instance_case(out, "instance_sharp", B, 984, t=0.02, near=1.0)
    instance_case(out, "instance_confused", B, 985, t=0.05, near=4.0, of=lambda i, images: (i + i // images) % images)
    return out
