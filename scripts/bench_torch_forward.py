#!/usr/bin/env python3
"""What BenchmarkForward measures, in PyTorch: a forward pass without gradients of 16 images, float32, one network of each kind.

  OMP_WAIT_POLICY=passive python scripts/bench_torch_forward.py [--threads N] [--seconds S] [--step] [NETWORK...]

Convolutional networks run in the channels_last layout.  Prints wall time and the time of all processors, the median of as many
passes as take about S seconds.  Needs torch==2.8.0, torchvision==0.23.0 and timm==1.0.31.
"""
import argparse

import timm
import torch
import torchvision
from bench_torch_clock import measured, peak

IMAGES = 16


class Pooled(torch.nn.Module):
    """The mean of a map, as the program takes it of SqueezeNet."""

    def __init__(self, features):
        super().__init__()
        self.features = features

    def forward(self, x):
        return self.features(x).mean((2, 3))


def of_timm(name, **options):
    return lambda: timm.create_model(name, num_classes=0, **options)


NETWORKS = {
    "squeezenet": (224, lambda: Pooled(torchvision.models.squeezenet1_0().features)),
    "efficientnet_lite0": (112, of_timm("tf_efficientnet_lite0")),
    "convnext_tiny": (224, of_timm("convnext_tiny")),
    "vit_small_patch16": (224, of_timm("vit_small_patch16_224", global_pool="token")),
}


class Embedding(torch.nn.Module):
    """A network with a linear layer to 128 dimensions of length 1."""

    def __init__(self, net, features):
        super().__init__()
        self.net, self.last = net, torch.nn.Linear(features, 128)

    def forward(self, x):
        return torch.nn.functional.normalize(self.last(self.net(x)))


def step_of(net, x):
    """A training step: two views of each image, a softmax over the pairs of the batch, and SGD."""
    with torch.no_grad():
        features = net(x[:2]).shape[1]
    net = Embedding(net, features).to(memory_format=torch.channels_last).train()
    optimizer, images = torch.optim.SGD(net.parameters(), 1e-3), len(x) // 2

    def step():
        optimizer.zero_grad(set_to_none=False)
        f = net(x)
        torch.nn.functional.cross_entropy(f[:images] @ f[images:].T / 0.1, torch.arange(images)).backward()
        optimizer.step()

    return step


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", type=float, default=5)
    p.add_argument("--step", action="store_true", help="a training step of --batch images in two views, and the peak memory, instead")
    p.add_argument("--least", type=int, default=5, help="passes, at least")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--size", type=int, default=0, help="pixels; 0: as BenchmarkForward")
    p.add_argument("networks", nargs="*", default=list(NETWORKS), metavar="NETWORK")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    for name in a.networks:
        size, make = NETWORKS[name]
        size = a.size or size
        net, x = make().eval(), torch.rand(2 * a.batch if a.step else IMAGES, 3, size, size)
        if not name.startswith("vit"):
            net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
        if a.step:
            wall, processor = measured(step_of(net, x), a.least, a.seconds)
            print(f"{name}, a step: {1e3 * wall:.0f} ms, processors {processor:.3f} s, peak memory {peak():.0f} MiB", flush=True)
            continue
        with torch.inference_mode():
            wall, processor = measured(lambda n=net, x=x: n(x), a.least, a.seconds)
        print(f"{name}: {1e3 * wall:.0f} ms, processors {processor:.3f} s", flush=True)


if __name__ == "__main__":
    main()
