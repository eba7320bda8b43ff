"""Goldens of the optimisers: parameters after each of five steps with given gradients, and gradients clipped to a norm."""
import torch

from goldens_case import Goldens
from goldens_ops import exact


def steps(out, case, make, seed, count=5):
    p0, grads = exact(3, 5, seed=seed).float(), [exact(3, 5, seed=seed + 1 + i).float() for i in range(count)]

    def run(dtype, order):
        p, after = p0.to(dtype, copy=True).requires_grad_(), {}
        opt = make([p], order.optimizer)
        for i, g in enumerate(grads):
            p.grad = g.to(dtype, copy=True)
            opt.step()
            after[f"p{i + 1}"] = p.detach().clone()
        return after

    out.keep(case, {"p0": p0, **{f"g{i + 1}": g for i, g in enumerate(grads)}})
    out.compute(case, run)


def clipped(out, case, shapes, most, seed):
    """Gradients of several parameters before and after clip_grad_norm_, and their norm."""
    given = [exact(*s, seed=seed + i).float() for i, s in enumerate(shapes)]

    def run(dtype, order):
        params = [torch.zeros(s, dtype=dtype, requires_grad=True) for s in shapes]
        for p, g in zip(params, given, strict=True):
            p.grad = g.to(dtype, copy=True)
        norm = torch.nn.utils.clip_grad_norm_(params, most).reshape(1)
        return {"norm": norm, **{f"c{i}": p.grad for i, p in enumerate(params)}}

    out.keep(case, {f"g{i}": g for i, g in enumerate(given)} | {"most": torch.tensor([most])})
    out.compute(case, run)


def update():
    sgd, adamw, out = torch.optim.SGD, torch.optim.AdamW, Goldens()
    for i, (name, make) in enumerate([
        ("sgd", lambda p, o: sgd(p, 0.1, **o)), ("sgd_momentum", lambda p, o: sgd(p, 0.1, momentum=0.9, **o)),
        ("sgd_nesterov", lambda p, o: sgd(p, 0.1, momentum=0.9, nesterov=True, **o)),
        ("sgd_dampening", lambda p, o: sgd(p, 0.1, momentum=0.9, dampening=0.3, **o)),
        ("sgd_decay", lambda p, o: sgd(p, 0.1, weight_decay=0.05, **o)),
        ("sgd_all", lambda p, o: sgd(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.05, **o)),
        ("adamw", lambda p, o: adamw(p, 0.01, weight_decay=0.0, **o)),
        ("adamw_decay", lambda p, o: adamw(p, 0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1, **o)),
    ]):
        steps(out, name, make, 800 + 10 * i)
    shapes = [(3, 5), (7,), (4, 2, 3, 3)]
    clipped(out, "clip", shapes, 2.0, 880)
    clipped(out, "clip_long", shapes, 1e3, 880)
    return out
