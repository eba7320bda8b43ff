"""Goldens of the CBSwR losses (design section 6), written from the formulas and differentiated by autograd in float64.

Inputs are float32, results float64: the Go tests run both types against them.
"""
import math

import torch
import torch.nn.functional as F

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


def pseudo_labels(logits):
    """The slot of every row, both views by the first view's arg max; live labels ascending have slots 0, 1, ..."""
    label = logits[: len(logits) // 2].argmax(1).repeat(2)
    return label.unique(return_inverse=True)[1]


def case_rim(name, logits, mu):
    x = logits.float().double().requires_grad_()
    loss, rows, marginal = rim_loss(x, mu)
    loss.backward()
    return {f"{name}/logits": logits.float(), f"{name}/mu": torch.tensor([mu], dtype=torch.float64), f"{name}/loss": loss[None],
            f"{name}/terms": torch.stack([rows, marginal]), f"{name}/dlogits": x.grad}


def counts(slot, size):
    return torch.bincount(slot, minlength=size).int()


def case_metric(name, slot, seed, t=0.1, alpha=1.0, near=0.0):
    """near > 0 pulls rows towards their centroids, so that one softmax entry is all but 1."""
    size = min(K, B)
    c = F.normalize(exact(size, D, seed=seed)).float().double()
    f = F.normalize(exact(2 * B, D, seed=seed + 1) + near * c[slot]).float().double().requires_grad_()
    loss = metric_loss(f, c[: int(slot.max()) + 1], slot, t, alpha)
    loss.backward()
    return {f"{name}/f": f.float(), f"{name}/c": c.float(), f"{name}/slot": slot.int(), f"{name}/count": counts(slot, size),
            f"{name}/t": torch.tensor([t], dtype=torch.float64), f"{name}/alpha": torch.tensor([alpha], dtype=torch.float64),
            f"{name}/loss": loss[None], f"{name}/df": f.grad}


def case_reconstruction(name, slot, seed):
    size = min(K, B)
    d = exact(size, 3, 4, 5, seed=seed).sigmoid().float().double().requires_grad_()
    target = exact(2 * B, 3, 4, 5, seed=seed + 1).sigmoid().float().double()
    loss = (target - d[slot]).square().mean()
    loss.backward()
    return {f"{name}/d": d.float(), f"{name}/target": target.float(), f"{name}/slot": slot.int(), f"{name}/count": counts(slot, size),
            f"{name}/loss": loss[None], f"{name}/dd": d.grad}


def loss():
    logits = exact(2 * B, K, seed=900, scale=2)
    some = pseudo_labels(logits)
    assert 1 < int(some.max()) + 1 < min(K, B), "the case should have several clusters and empty slots"
    one, every, few = torch.zeros(2 * B).long(), torch.arange(B).repeat(2), torch.tensor([0, 2, 1, 2, 0, 2, 2, 0]).repeat(2)
    out = case_rim("rim", logits, 1.0) | case_rim("rim_mu", logits, 2.0) | case_rim("rim_confident", 40 * logits, 1.0)
    out |= case_rim("rim_k2", exact(6, 2, seed=901), 1.0)
    out |= {"labels/logits": logits.float(), "labels/slot": some.int(), "labels/count": counts(some, min(K, B))}
    out |= case_metric("metric", some, 910) | case_metric("metric_single", one, 920) | case_metric("metric_full", every, 930)
    out |= case_metric("metric_alpha", few, 940, t=0.5, alpha=0.3) | case_metric("metric_sharp", few, 950, t=0.02, near=4.0)
    return out | case_reconstruction("reconstruction", few, 960) | case_reconstruction("reconstruction_single", one, 970)
