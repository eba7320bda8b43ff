"""Goldens of whole networks: maps and, for each parameter, a summary of its gradient.

Weights are not stored (5 MB a network): both sides compute them (parameter below, golden.Parameter in Go).  The
summary is goldens_training.summary, golden.Summary in Go.
"""
import copy
import math

import numpy as np
import torch
import torch.nn as nn
import torchvision

from goldens_inception import BNInception, GoogLeNetCaffe
from goldens_case import Goldens
from goldens_nudge import nudge
from goldens_ops import exact
from goldens_orders import error
from goldens_ties import named
from goldens_training import conv4, decoder, summary, summary_error


def fnv1a(text):
    h = 0x811C9DC5
    for b in text.encode():
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h


TOKENS = ("cls_token", "reg_token", "pos_embed", "latent")
LOGITS = ("attn.qkv.weight", "attn_pool.q.weight", "attn_pool.kv.weight")  # attention's logits have variance 1, and it is not uniform


def parameter(name, shape):
    """The value of a parameter or running statistic of that name, exact in float32; the same rule as in Go."""
    with np.errstate(over="ignore"):
        x = np.uint32(fnv1a(name)) + np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B9)
        x = (x ^ x >> np.uint32(16)) * np.uint32(0x85EBCA6B)
        x = (x ^ x >> np.uint32(13)) * np.uint32(0xC2B2AE35)
        x = x ^ x >> np.uint32(16)
    u = x / 2.0**31 - 1
    if name.endswith(TOKENS):  # of a transformer, as large as its normed tokens
        v = math.sqrt(3) * u
    elif name.endswith(("gamma", "gamma_1", "gamma_2")):  # its layer scales
        v = 0.3 + 0.06 * u
    elif len(shape) > 1:  # filters whose weights sum to 0: see Go
        fan = math.prod(shape[1:])
        sums = x.reshape(shape[0], fan).astype(np.int64).sum(1)
        scale = math.sqrt((3 if name.endswith(LOGITS) else 6) / fan)
        v = scale * (u.reshape(shape[0], fan) - (sums / (fan * 2.0**31) - 1)[:, None])
    elif name.endswith(".bn3.weight"):  # 16 bottlenecks at full scale would enlarge rounding until ReLUs flip
        v = 0.2 + 0.04 * u
    elif name.endswith("bn.weight"):  # in networks without shortcuts, which enlarge rounding more: see Go
        v = 0.4 + 0.08 * u
    elif name.endswith("bn.bias"):
        v = (-0.6 if name.startswith("conv") else 0.6) + 0.12 * u
    elif "_bn" in name and name.endswith(".weight"):  # of EfficientNet: numbers before a ReLU6 reach beyond 6
        v = 1.5 + 0.3 * u
    elif name.endswith(".gamma"):  # of ConvNeXt: its published start, 1e-6, would hide the branches
        v = 0.3 + 0.06 * u
    elif name.endswith((".weight", ".running_var")):
        v = 1 + 0.2 * u
    else:
        v = 0.1 * u
    return torch.from_numpy(v.astype(np.float32).reshape(shape)).double()


def prepare(net, prefix):
    """In float64, training mode, with every parameter and running statistic set by its name."""
    net = named(net.double().train())
    for k, v in net.state_dict().items():
        if not k.endswith("num_batches_tracked"):
            v.copy_(parameter(prefix + k, v.shape))
    return net


def nudged(out, case, net, prefix, forward):
    """Moves the biases before ReLUs away from ties, and stores them, because they differ from parameter's."""
    moved = nudge(case, net, forward)
    out.keep(f"{case}/bias", {prefix + k: v.float() for k, v in net.state_dict().items() if k in moved})


def whole(net, prefix):
    """All gradients and running statistics."""
    out = {f"grad/{prefix}{k}": p.grad for k, p in net.named_parameters()}
    return out | {f"buffer/{prefix}{k}": v.detach().clone() for k, v in net.named_buffers() if not k.endswith("num_batches_tracked")}


def network_error(sizes):
    """The error of a gradient or running statistic, as of its summary; relative to its size for a gradient that is only rounding."""
    def measure(name, got, want):
        if name in sizes:
            return (got.abs().max() / sizes[name]).item()
        return summary_error(got, want) if name.startswith(("grad/", "buffer/")) else error(name, got, want)
    return measure


def backbone(out, case, net, prefix, images, mean, std, bgr):
    """images [N,C,S,S] in [0,1]; the network's input is (255 x - mean) / std, blue first where bgr is set."""
    net, images = prepare(net, prefix), images.float()

    def pixels(dtype):
        of = lambda v: torch.tensor(v, dtype=dtype)[:, None, None]
        x = images.to(dtype)
        return (255 * (x.flip(1) if bgr else x) - of(mean)) / of(std)

    if case not in TIED:
        nudged(out, case, net, prefix, lambda part, dtype: part(pixels(dtype)))
    x = pixels(torch.float64)
    with torch.no_grad():
        dy = exact(*copy.deepcopy(net)(x).shape, seed=1000 + len(case)).float()
    sizes = idle_biases(net, prefix, x, dy)

    def run(dtype, order):
        part = copy.deepcopy(net).to(dtype)
        with torch.no_grad():
            frozen = part.eval()(pixels(dtype))
        if case in TIED and dtype == torch.float32:
            with torch.no_grad():
                y = part.train()(pixels(dtype))
            return {"map": y, "eval": frozen} | {k: v for k, v in whole(part, prefix).items() if k.startswith("buffer/")}
        y = part.train()(pixels(dtype))
        y.backward(dy.to(dtype))
        return {"map": y.detach(), "eval": frozen} | whole(part, prefix)

    out.keep(case, {"images": images, "dmap": dy} | {k.replace("grad/", "size/"): v.float() for k, v in sizes.items()})
    return settle(out, case, run, network_error(sizes))


def settle(out, case, run, measure):
    want, ratio, rough = out.compute(case, run, measure=measure, clear=case not in TIED)
    out.tensors |= {f"{case}/{k}": summary(v).float() for k, v in want.items() if k.startswith(("grad/", "buffer/"))}
    for k, v in want.items():  # also only rounding: a bias whose ReLU is always on, followed by a batch norm
        if k.startswith("grad/") and k.endswith(".bias") and v.abs().max() < 1e-9 * (size := want[k[:-4] + "weight"].abs().max()):
            out.tensors.setdefault(f"{case}/{k.replace('grad/', 'size/')}", size[None].float())
    clear = "ties not looked for" if case in TIED else f"{ratio:.1f} times as far from a tie as wanted"
    print(f"{case}: {clear}, float32 is up to {rough:.1e} away")


def idle_biases(net, prefix, x, dy):
    """The biases before batch norms: their gradients are zero except for the rounding of a sum.  The largest sum of absolute values gives
    the size of that rounding."""
    sizes, net = {}, copy.deepcopy(net)
    parts = dict(net.named_modules())

    def measure(key):
        def size(dy):
            sizes[key] = dy.abs().sum((0, 2, 3)).max()[None]
        return lambda part, x, y: y.register_hook(size) and None

    for name, part in parts.items():
        if isinstance(part, nn.Conv2d) and part.bias is not None and name + "_bn" in parts:
            part.register_forward_hook(measure(f"grad/{prefix}{name}.bias"))
    net(x).backward(dy.double())
    return sizes


def decode(out, case, size, at, counts, seed):
    """Each slot's centroid decoded once, weighted by its member count; here torch decodes every member instead."""
    channels = [64, 32, 16, 16]
    doublings = at << len(channels) - 1 == size  # otherwise the last stage is bilinear, to size itself
    net = prepare(decoder(channels, 3, last=None if doublings else size), "decoder.")
    r, weight = exact(len(counts), 64, at, at, seed=seed), torch.tensor(counts)
    slot = torch.repeat_interleave(torch.arange(len(counts)), weight)
    nudged(out, case, net, "decoder.", lambda part, dtype: part(r[slot].to(dtype)))
    first = torch.tensor([int((slot == s).nonzero()[0]) if n else 0 for s, n in enumerate(counts)])
    live = (weight > 0)[:, None, None, None]  # an empty slot has no decoded image: zeros here
    dd = exact(len(counts), 3, size, size, seed=seed + 1) * live
    # every member's copy gets its share, so that the copies together are the one decoded image
    share = dd[slot] / weight[slot][:, None, None, None]

    def run(dtype, order):
        part, leaf = copy.deepcopy(net).to(dtype), r.to(dtype, copy=True).requires_grad_()
        y = part(leaf[slot])
        y.backward(share.to(dtype))
        return {"d": y.detach()[first] * live, "dr": leaf.grad} | whole(part, "decoder.")

    out.keep(case, {"r": r.float(), "weight": weight.float(), "dd": dd.float()})
    settle(out, case, run, network_error({}))


class Trunk(nn.Sequential):
    """A network without its last parts (pooling and classifier); the others keep their names."""

    def __init__(self, net, drop):
        super().__init__()
        for name, part in list(net.named_children())[:-drop]:
            self.add_module(name, part)


class GoogLeNet(Trunk):
    """As built by torchvision for its pretrained weights, which expect an additional transform of the input."""

    def __init__(self):
        net = torchvision.models.googlenet(weights=None, aux_logits=False, transform_input=True, init_weights=False)
        super().__init__(net, drop=3)
        self.transform = net._transform_input

    def forward(self, x):
        return super().forward(self.transform(x))


def plain(net):
    """Without in-place ReLUs, so that no map is overwritten."""
    for m in net.modules():
        if isinstance(m, nn.ReLU):
            m.inplace = False
    return net


IMAGENET = [0.485 * 255, 0.456 * 255, 0.406 * 255], [0.229 * 255, 0.224 * 255, 0.225 * 255]

# name: how it is made, the prefix of its names in the program, mean, deviation, whether blue comes first
NETWORKS = {
    "conv4": (conv4, "features.", [0.0], [255.0], False),
    "squeezenet": (lambda: plain(torchvision.models.squeezenet1_0(weights=None).features), "features.",
                   [123.0, 117.0, 104.0], [1.0] * 3, False),
    "squeezenet1_1": (lambda: plain(torchvision.models.squeezenet1_1(weights=None).features), "features.", *IMAGENET, False),
    "resnet18": (lambda: plain(Trunk(torchvision.models.resnet18(weights=None), drop=2)), "", *IMAGENET, False),
    "resnet50": (lambda: plain(Trunk(torchvision.models.resnet50(weights=None), drop=2)), "", *IMAGENET, False),
    "googlenet": (GoogLeNet, "", *IMAGENET, False),
    "googlenet_caffe": (GoogLeNetCaffe, "", [104.0, 117.0, 123.0], [1.0] * 3, True),
    "bninception": (BNInception, "", [104.0, 117.0, 128.0], [1.0] * 3, True),
}


def pictures():
    """The images of each network, small enough that few numbers lie near a tie."""
    rand = lambda seed, *shape: torch.rand(*shape, generator=torch.Generator().manual_seed(seed))
    return {
        "conv4": lambda s: rand(s, 4, 1, 17, 17), "squeezenet": lambda s: rand(s, 2, 3, 33, 33),
        "squeezenet1_1": lambda s: rand(s, 2, 3, 33, 33),
        "resnet18": lambda s: rand(s, 4, 3, 33, 33),
        "resnet50": lambda s: rand(s, 4, 3, 33, 33),
        # at 49 pixels every pooling of stride 2 in GoogLeNet except the first rounds up, and the last map is 2 x 2
        "googlenet": lambda s: rand(s, 3, 3, 49, 49),
        # at 31 pixels the maps before Caffe's poolings have 16, 8, 4 and 2, where rounding up makes a difference; the port of BN-Inception
        # runs only where the maps that it halves by convolutions are even
        "googlenet_caffe": lambda s: rand(s, 2, 3, 31, 31), "bninception": lambda s: rand(s, 2, 3, 64, 64),
    }


SEEDS = dict.fromkeys(NETWORKS, 1)
# Networks with nine poolings behind batch norms: none of the drawn images and biases was clear of every tie.  Their
# gradients have no bound in float32 and are compared only in float64; their maps, to which ties do not matter, in both.
TIED = {"googlenet", "bninception"}


def networks():
    out = Goldens()
    for name, images in pictures().items():
        make, prefix, mean, std, bgr = NETWORKS[name]
        backbone(out, name, make(), prefix, images(SEEDS[name]), mean, std, bgr)
    decode(out, "decoder16", 16, 2, [3, 1, 0, 4], 1100)
    decode(out, "decoder20", 20, 3, [2, 0, 5, 1], 1110)
    out.keep("check", {"features.0.weight": parameter("features.0.weight", (64, 1, 3, 3)).flatten().float()})  # for the rule in Go
    return out
