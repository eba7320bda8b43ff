#!/usr/bin/env python3
"""What BenchmarkTransformer measures, in PyTorch: timm's vision transformers on 16 images of 224 pixels, float32.

  OMP_WAIT_POLICY=passive python scripts/bench_torch_vit.py [--threads N] [--rounds N]

Prints wall time and the time of all processors, the median of the rounds.  Needs torch==2.8.0 and timm==1.0.31.
"""
import argparse

import timm
import torch
from bench_torch_clock import measured

IMAGES, SIZE = 16, 224
NETWORKS = {"vit_small_patch16": "vit_small_patch16_224", "dinov3_vits16": "vit_small_patch16_dinov3",
            "dinov2_vits14": "vit_small_patch14_dinov2"}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--rounds", type=int, default=5)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    x = torch.rand(IMAGES, 3, SIZE, SIZE)
    for name, model in NETWORKS.items():
        net = timm.create_model(model, num_classes=0, global_pool="token", dynamic_img_size=True)
        dy = torch.rand(IMAGES, net.num_features)

        def forward():
            with torch.no_grad():
                net.eval()(x)

        def step():
            net.zero_grad(set_to_none=False)
            (net.train()(x) * dy).sum().backward()

        for kind, f in {"false": forward, "true": step}.items():
            wall, processor = measured(f, a.rounds)
            print(f"{name}/training={kind}: {wall:.2f} s, processors {processor:.2f} s", flush=True)


if __name__ == "__main__":
    main()
