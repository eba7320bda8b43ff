"""Moves the biases before ReLUs so that no decision of a network is near a tie.

Of the million numbers in a deep network some are always within float32's error of 0, whatever the seed.  But one channel has only
some hundreds of numbers, and its bias shifts them together: into the middle of a gap, hundreds of times wider than the error.  Which of
the wide gaps is drawn at random, and drawn again where a later max-pooling has two candidates too near to each other.
"""
import copy
import random
import sys

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from goldens_orders import ORDERS, summing
from goldens_ties import Branches, Clearance

REACH, PLACES = 0.2, 129  # how far a bias may move, in deviations of the map, and at how many places it is tried
SPARE = 1.2  # the clearance to reach, in units of the required one: the orders not tried here may need a little more
TRIES, BACK = 400, 12  # how often biases are drawn, and for how many ReLUs before a tie


class Nudge(TorchDispatchMode):
    """One forward pass of a network inside the with statement moves its biases; draws has a seed for each ReLU; 0: not drawn."""

    def __init__(self, net, draws):
        super().__init__()
        self.last, self.moved, self.draws, self.count = None, set(), draws, 0
        self.hooks = [part.register_forward_pre_hook(lambda part, x, name=name: setattr(self, "last", (name, part)))
                      for name, part in net.named_modules() if getattr(part, "bias", None) is not None]

    def __exit__(self, *args):
        for hook in self.hooks:
            hook.remove()
        return super().__exit__(*args)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.overloadpacket.__name__.removesuffix("_") != "relu":
            return func(*args, **(kwargs or {}))
        (name, part), z = self.last, args[0].detach()
        before = part.bias.detach().clone()
        part.bias.data.copy_((before + away(z, self.draws.get(self.count, 0))).float())  # exact in float32
        self.count += 1
        self.moved.add(name + ".bias")
        return func(args[0] + (part.bias.detach() - before).view(1, -1, *[1] * (z.dim() - 2)), *args[1:], **(kwargs or {}))


def away(z, seed):
    """For each channel of z [N,C,...] a shift that puts its numbers far from 0: at least half as far as possible."""
    rows = z.transpose(0, 1).flatten(1).sort(1).values
    places = torch.linspace(-REACH, REACH, PLACES, dtype=z.dtype) * z.std(correction=0)
    at = torch.searchsorted(rows, places.expand(len(rows), PLACES).contiguous())
    below, above = rows.gather(1, (at - 1).clamp(min=0)), rows.gather(1, at.clamp(max=rows.shape[1] - 1))
    room = torch.minimum((places - below).abs(), (above - places).abs())
    if seed:
        drawn = torch.rand(room.shape, generator=torch.Generator().manual_seed(seed), dtype=z.dtype)
        room = drawn.masked_fill(room < room.amax(1, keepdim=True) / 2, -1)
    return -places[room.argmax(1)]


def nudge(case, net, forward):
    """Moves the biases of net, in float64, until forward(net, dtype) is clear of ties in some orders of float32; returns their
    names."""
    state, best, draws, chance = copy.deepcopy(net.state_dict()), (-1, {}), {}, random.Random(case)
    for seed in range(1, TRIES):
        with torch.no_grad(), Nudge(net, draws) as nudging:
            forward(net, torch.float64)
        net.load_state_dict(state | {k: v for k, v in net.state_dict().items() if k in nudging.moved})  # keeps the running statistics
        before = relus_before_tie(net, forward)
        if before is None:
            return nudging.moved
        if before <= 1 and seed == 1:  # a bias moves all values that the first pooling compares: only other images help
            break
        best = max(best, (before, draws), key=lambda b: b[0])  # a draw that helped is kept
        draws = best[1] | dict.fromkeys(range(max(0, best[0] - chance.randint(1, BACK)), best[0]), seed)
        net.load_state_dict(state)
    sys.exit(f"{case}: after {seed} draws of the biases {before} ReLUs come before a tie: choose another seed")


def relus_before_tie(net, forward):
    """How many ReLUs come before the first place too near a tie; None where all are clear."""
    run = lambda dtype: forward(copy.deepcopy(net).to(dtype), dtype)
    with Branches() as exact:
        run(torch.float64)
    clear = Clearance(exact)
    for make in (ORDERS[3], ORDERS[5], ORDERS[9]):
        with summing(make()), Branches() as rough:
            run(torch.float32)
        clear.add(rough)
    ratios = [clear.at(i)[0] for i in range(len(exact.seen))]
    first = next((i for i, ratio in enumerate(ratios) if not ratio >= SPARE), None)
    return None if first is None else sum("relu" in seen[0] for seen in exact.seen[:first])
