"""Goldens of whole networks: maps and, for each parameter, a summary of its gradient.

Weights are not stored (5 MB a network): both sides compute them (parameter below, golden.Parameter in Go).  A
summary is that of goldens_training.summary, golden.Summary in Go.
"""
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

from goldens_inception import BNInception, GoogLeNetCaffe
from goldens_ops import exact
from goldens_training import conv4, decoder, summary


def fnv1a(text):
    h = 0x811C9DC5
    for b in text.encode():
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h


def parameter(name, shape):
    """The value of a parameter or running statistic of that name, exact in float32; the same rule as in Go."""
    with np.errstate(over="ignore"):
        x = np.uint32(fnv1a(name)) + np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B9)
        x = (x ^ x >> np.uint32(16)) * np.uint32(0x85EBCA6B)
        x = (x ^ x >> np.uint32(13)) * np.uint32(0xC2B2AE35)
        x = x ^ x >> np.uint32(16)
    u = x / 2.0**31 - 1
    if len(shape) > 1:
        v = math.sqrt(6 / math.prod(shape[1:])) * u
    elif name.endswith(".bn3.weight"):  # 16 bottlenecks at full scale would enlarge rounding until ReLUs flip
        v = 0.2 + 0.04 * u
    elif name.endswith((".weight", ".running_var")):
        v = 1 + 0.2 * u
    else:
        v = 0.1 * u
    return torch.from_numpy(v.astype(np.float32).reshape(shape)).double()


def prepare(net, prefix):
    """In float64, training mode, with every parameter and running statistic set by its name."""
    net = net.double().train()
    for k, v in net.state_dict().items():
        if not k.endswith("num_batches_tracked"):
            v.copy_(parameter(prefix + k, v.shape))
    return net


def summaries(case, net, prefix):
    out = {f"{case}/grad/{prefix}{k}": summary(p.grad) for k, p in net.named_parameters()}
    running = {k: v for k, v in net.named_buffers() if not k.endswith("num_batches_tracked")}
    return out | {f"{case}/buffer/{prefix}{k}": summary(v) for k, v in running.items()}


def backbone(case, net, prefix, images, mean, std, bgr):
    """images [N,C,S,S] in [0,1]; the network sees (255 x - mean) / std, blue first where bgr is set."""
    net = prepare(net, prefix)
    idle = idle_biases(case, net, prefix)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    of = lambda v: torch.tensor(v, dtype=torch.float64)[:, None, None]
    x = (255 * (images.flip(1) if bgr else images) - of(mean)) / of(std)
    y = net(x)
    dy = exact(*y.shape, seed=1000 + len(case))
    y.backward(dy)
    out = {f"{case}/images": images, f"{case}/map": y, f"{case}/dmap": dy} | summaries(case, net, prefix) | idle
    rough(case, net, before, x, dy)
    net.load_state_dict(before)
    with torch.no_grad():
        out[f"{case}/eval"] = net.eval()(x)
    return out


def idle_biases(case, net, prefix):
    """The biases in front of batch norms, filled by the backward pass: their gradients are zero but for the rounding of a
    sum.  The largest sum of absolute values says how much rounding that is."""
    sizes, parts = {}, dict(net.named_modules())

    def measure(key):
        def size(dy):
            sizes.setdefault(key, dy.abs().sum((0, 2, 3)).max()[None])  # of the first pass, which is in float64
        return lambda part, x, y: y.register_hook(size) and None if y.requires_grad else None

    for name, part in parts.items():
        if isinstance(part, nn.Conv2d) and part.bias is not None and name + "_bn" in parts:
            part.register_forward_hook(measure(f"{case}/size/{prefix}{name}.bias"))
    return sizes


def rough(case, net, before, x, dy):
    """Prints how far float32 is from float64: what a bound must allow, and whether a ReLU or maximum flips."""
    grads = {k: p.grad.clone() for k, p in net.named_parameters()}
    net.load_state_dict(before)
    net = net.float()
    net.zero_grad()
    net(x.float()).backward(dy.float())
    idle = lambda k: k.endswith(".bias") and k[: -len(".bias")] + "_bn.bias" in grads
    worst = max(((p.grad - grads[k]).abs().max() / grads[k].abs().max()).item() for k, p in net.named_parameters() if not idle(k))
    print(f"{case}: float32 gradients differ by up to {worst:.1e} of the largest")
    net.double()


def decode(case, size, at, counts, seed):
    """Each slot's centroid decoded once, weighted by its member count; torch decodes every member instead."""
    channels = [64, 32, 16, 16]
    doublings = at << len(channels) - 1 == size  # otherwise the last stage is bilinear, to size itself
    net = prepare(decoder(channels, 3, last=None if doublings else size), "decoder.")
    r = exact(len(counts), 64, at, at, seed=seed).requires_grad_()
    slot = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    y = net(r[slot])
    first = torch.tensor([int((slot == s).nonzero()[0]) if n else 0 for s, n in enumerate(counts)])
    d = y[first] * (torch.tensor(counts) > 0)[:, None, None, None]  # an empty slot has no decoded image: zeros here
    dd = exact(*d.shape, seed=seed + 1) * (torch.tensor(counts) > 0)[:, None, None, None]
    # every member's copy gets its share, so that the copies together are the one decoded image
    share = dd[slot] / torch.tensor(counts)[slot][:, None, None, None]
    y.backward(share)
    return {f"{case}/r": r, f"{case}/weight": torch.tensor(counts).double(), f"{case}/d": d, f"{case}/dd": dd,
            f"{case}/dr": r.grad} | summaries(case, net, "decoder.")


class Trunk(nn.Sequential):
    """A network without its last parts (pooling and classifier), the names of the others kept."""

    def __init__(self, net, drop):
        super().__init__()
        for name, part in list(net.named_children())[:-drop]:
            self.add_module(name, part)


class GoogLeNet(Trunk):
    """As torchvision builds it for its pretrained weights: they take an input transformed once more."""

    def __init__(self):
        net = torchvision.models.googlenet(weights=None, aux_logits=False, transform_input=True, init_weights=False)
        super().__init__(net, drop=3)
        self.transform = net._transform_input

    def forward(self, x):
        return super().forward(self.transform(x))


def plain(net):
    """Without ReLUs in place: no map is overwritten."""
    for m in net.modules():
        if isinstance(m, nn.ReLU):
            m.inplace = False
    return net


IMAGENET = [0.485 * 255, 0.456 * 255, 0.406 * 255], [0.229 * 255, 0.224 * 255, 0.225 * 255]

# name: how it is made, what stands before its names in the program, mean, deviation, whether blue comes first
NETWORKS = {
    "conv4": (conv4, "features.", [0.0], [255.0], False),
    "squeezenet": (lambda: plain(torchvision.models.squeezenet1_0(weights=None).features), "features.", [123.0, 117.0, 104.0], [1.0] * 3, False),
    "squeezenet1_1": (lambda: plain(torchvision.models.squeezenet1_1(weights=None).features), "features.", *IMAGENET, False),
    "resnet18": (lambda: plain(Trunk(torchvision.models.resnet18(weights=None), drop=2)), "", *IMAGENET, False),
    "resnet50": (lambda: plain(Trunk(torchvision.models.resnet50(weights=None), drop=2)), "", *IMAGENET, False),
    "googlenet": (GoogLeNet, "", *IMAGENET, False),
    "googlenet_caffe": (GoogLeNetCaffe, "", [104.0, 117.0, 123.0], [1.0] * 3, True),
    "bninception": (BNInception, "", [104.0, 117.0, 128.0], [1.0] * 3, True),
}


def networks():
    rand = lambda seed, *shape: torch.rand(*shape, generator=torch.Generator().manual_seed(seed)).double()
    squares = lambda seed, n, side, size: F.interpolate(rand(seed, n, 3, side, side), size=size)
    images = {
        "conv4": rand(1, 4, 1, 33, 33), "squeezenet": rand(2, 2, 3, 33, 33), "resnet18": rand(3, 4, 3, 33, 33), "resnet50": rand(23, 4, 3, 33, 33),
        "squeezenet1_1": rand(5, 2, 3, 33, 33),
        # at 49 pixels every pooling of stride 2 in GoogLeNet rounds up but the first, and the last map has 2 x 2; blocks of
        # colour, as images of noise are so alike in deep layers that batch norm, which divides by their differences, enlarges
        # rounding
        "googlenet": squares(12, 4, 2, 49),
        # at 65 pixels the maps before Caffe's poolings have 33, 16, 8 and 4, which rounding up is seen in; the port of
        # BN-Inception runs only where the maps that it halves by convolutions are even.  Seed 42 is one where noise of
        # float32's size flips no ReLU and no maximum
        "googlenet_caffe": squares(13, 2, 2, 65), "bninception": squares(42, 4, 3, 64).flip(1),
    }
    out = {}
    for name, x in images.items():
        make, prefix, mean, std, bgr = NETWORKS[name]
        out |= backbone(name, make(), prefix, x, mean, std, bgr)
    out |= decode("decoder16", 16, 2, [3, 1, 0, 4], 1100) | decode("decoder20", 20, 3, [2, 0, 5, 1], 1110)
    out["check/features.0.weight"] = parameter("features.0.weight", (64, 1, 3, 3)).flatten()  # for the rule in Go
    return {k: v.float() for k, v in out.items()}
