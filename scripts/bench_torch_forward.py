#!/usr/bin/env python3
"""What BenchmarkForward measures, in PyTorch: a forward pass without gradients of 16 images, float32, one network of each kind.

  OMP_WAIT_POLICY=passive python scripts/bench_torch_forward.py [--threads N] [--seconds S] [NETWORK...]

Convolutional networks run in the channels_last layout.  Prints wall time and the time of all processors, the median of as many
passes as take about S seconds, at least 5.  Needs torch==2.8.0, torchvision==0.23.0 and timm==1.0.31.
"""
import argparse
import statistics
import time

import timm
import torch
import torchvision

IMAGES, LEAST_ROUNDS = 16, 5


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


def measured(f, seconds):
    f()
    walls, processors = [], []
    while len(walls) < LEAST_ROUNDS or sum(walls) < seconds:
        wall, processor = time.perf_counter(), time.process_time()
        f()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return statistics.median(walls), statistics.median(processors)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", type=float, default=5)
    p.add_argument("networks", nargs="*", default=list(NETWORKS), metavar="NETWORK")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    for name in a.networks:
        size, make = NETWORKS[name]
        net, x = make().eval(), torch.rand(IMAGES, 3, size, size)
        if not name.startswith("vit"):
            net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
        with torch.inference_mode():
            wall, processor = measured(lambda n=net, x=x: n(x), a.seconds)
        print(f"{name}: {1e3 * wall:.0f} ms, processors {processor:.3f} s", flush=True)


if __name__ == "__main__":
    main()
