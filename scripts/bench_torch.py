#!/usr/bin/env python3
"""The work of `udml-gpu bench` in PyTorch, with the same names and sizes, so that results can be compared in one table.

  bench_torch.py --what kernels --precision fp32
  bench_torch.py --what train --backbone resnet18 --size 224 --method cbswr

Prints one JSON document. Needs only torch. fp32 is float32 without tensor cores, tf32 lets torch use them, bf16 gives products
bfloat16 factors and results (autocast in a training step). Of several chunk sizes the fastest counts. It also runs on the CPU, with
--kernel-scale to reduce the sizes, but those times mean nothing. Where flash_kmeans imports, assignment and k-means have its seconds too.
"""
import argparse
import json
import math
import platform
import statistics
import time

import torch
import torch.nn.functional as F

import bench_torch_step
from bench_torch_nets import TRUNKS

try:
    import flash_kmeans
except ImportError:
    flash_kmeans = None

BLOCKS, BLOCK_SECONDS, MOST_REPETITIONS = 5, 0.1, 1000     # as in `udml-gpu bench`
DIM, IMAGES = 128, 128
CHUNKS = (4096, 16384, 65536)
PRODUCTS = ((4096, 4096, 4096), (IMAGES * 54 * 54, 64, 16), (IMAGES * 13 * 13, 256, 64), (IMAGES * 7 * 7, 2048, 512), (IMAGES, 128, 512))
CONVOLUTIONS = ((224, 3, 96, 7, 2, 0), (54, 16, 64, 3, 1, 1), (13, 64, 256, 3, 1, 1), (56, 64, 64, 3, 1, 1), (14, 256, 256, 3, 1, 1))


class Clock:
    """Median seconds of one call when many are queued and waited for together."""

    def __init__(self, device, scale):
        self.cuda, self.target = device.type == "cuda", BLOCK_SECONDS * scale

    def sync(self):
        if self.cuda:
            torch.cuda.synchronize()

    def block(self, f, repeat):
        if not self.cuda:
            start = time.perf_counter()
            for _ in range(repeat):
                f()
            return (time.perf_counter() - start) / repeat
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(repeat):
            f()
        end.record()
        self.sync()
        return start.elapsed_time(end) / 1e3 / repeat

    def seconds(self, f, repeat=0):
        for _ in range(2):
            f()
        self.sync()
        if not repeat:
            repeat = max(1, int(min(self.target / max(self.block(f, 1), 1e-9), MOST_REPETITIONS)))
        return statistics.median(self.block(f, repeat) for _ in range(BLOCKS))


class Kernels:
    def __init__(self, device, precision, scale):
        self.device, self.scale, self.rows = device, scale, []
        self.dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self.clock = Clock(device, scale)

    def sized(self, n, least):
        return max(min(n, least), round(n * self.scale))

    def noise(self, *shape):
        return torch.rand(*shape, device=self.device).to(self.dtype)

    def row(self, kernel, size, *variants, flash=None):
        row = {"kernel": kernel, "size": size, "seconds": min(self.clock.seconds(f) for f in variants)}
        if flash and flash_kmeans and self.clock.cuda:
            row["flash_kmeans_seconds"] = self.clock.seconds(flash)
        self.rows.append(row)

    def nearest(self, x, c, norms, chunk):
        """argmin of |c|^2 - 2 x.c: |x|^2 does not change it."""
        return torch.cat([torch.addmm(norms, x[i:i + chunk], c.T, alpha=-2).argmin(1) for i in range(0, len(x), chunk)])

    def assign(self):
        n, k = self.sized(1000000, 256), self.sized(10000, 16)
        x, c = self.noise(n, DIM), self.noise(k, DIM)
        norms = c.square().sum(1)

        def flash():
            from flash_kmeans.assign_euclid_triton import euclid_assign_triton
            euclid_assign_triton(x[None], c[None], x.float().square().sum(1)[None])

        self.row("assign", f"{n}x{DIM} to {k}", *[lambda m=m: self.nearest(x, c, norms, m) for m in CHUNKS], flash=flash)

    def search(self):
        n = self.sized(60502, 256)
        x, labels, at = self.noise(n, DIM), torch.arange(n, device=self.device) // 5, torch.arange(n, device=self.device)

        def top(chunk):
            for i in range(0, n, chunk):
                s = x[i:i + chunk] @ x.T
                rows = at[:len(s)]
                s[rows, rows + i] = -math.inf
                yield i, s.topk(min(9, n), 1)

        def recall(chunk):
            for i, (_, index) in top(chunk):
                hit = labels[index] == labels[i:i + chunk, None]
                hit.cumsum(1).clamp(max=1).sum(0)           # by K; stays on the device

        size = f"{n}x{n}x{DIM}"
        self.row("recall (best positive)", size, *[lambda m=m: recall(m) for m in CHUNKS[:2]])
        self.row("top 9", size, *[lambda m=m: list(top(m)) for m in CHUNKS[:2]])

    def lloyd(self):
        n, k = self.sized(1000000, 256), self.sized(1000, 8)
        x, start = self.noise(n, DIM), self.noise(k, DIM)
        ones = torch.ones(n, device=self.device)

        def iterations(chunk):
            c = start
            for _ in range(25):
                label = self.nearest(x, c, c.square().sum(1), chunk)
                count = torch.zeros(k, device=self.device).index_add_(0, label, ones)
                total = torch.zeros(k, DIM, device=self.device).index_add_(0, label, x.float())
                c = torch.where(count[:, None] > 0, total / count[:, None].clamp(min=1), c.float()).to(self.dtype)

        def flash():        # no shift of centroids is below -1: it does all 25
            flash_kmeans.batch_kmeans_Euclid(x[None], k, max_iters=25, tol=-1, init_centroids=start[None].clone())

        size = f"25 iterations of {n}x{DIM} to {k}"
        self.row("k-means (Lloyd)", size, *[lambda m=m: iterations(m) for m in CHUNKS], flash=flash)

    def pairwise(self):
        n = self.sized(16384, 128)
        for dim in (DIM, 512):
            x, y = self.noise(n, dim), self.noise(n, dim)
            ways = [lambda x=x, y=y: torch.addmm(y.square().sum(1), x, y.T, alpha=-2).add_(x.square().sum(1)[:, None])]
            if self.dtype == torch.float32:
                ways.append(lambda x=x, y=y: torch.cdist(x, y))
            self.row("pairwise squared L2", f"{n}x{n}x{dim}", *ways)

    def copies(self):
        n = self.sized(1 << 28, 1 << 10)
        a, b = torch.empty(n, device=self.device), torch.empty(n, device=self.device)
        self.row("copy", f"{n} floats", lambda: b.copy_(a))

    def products(self):
        for m, n, k in PRODUCTS:
            square = m == k
            m, n = self.sized(m, 64), min(n, self.sized(n, 64))
            k = m if square else k
            x, w = self.noise(m, k), self.noise(n, k)
            self.row("gemm", f"{m}x{n}x{k}", lambda: x @ w.T)

    def convolutions(self):
        images, shrink = self.sized(IMAGES, 1), math.sqrt(min(1, self.scale * IMAGES))
        for side, channels, out, kernel, stride, pad in CONVOLUTIONS:
            side = max(kernel, int(side * shrink))
            last = dict(memory_format=torch.channels_last)
            x = self.noise(images, channels, side, side).to(**last)
            w, b = self.noise(out, channels, kernel, kernel).to(**last), self.noise(out)
            y = F.conv2d(x, w, b, stride, pad)
            size = f"{images}x{side}x{side}x{channels} to {out}, {kernel}x{kernel}/{stride}"

            def backward(image, weights, x=x, y=y, w=w, stride=stride, pad=pad, out=out):
                wanted = [image, weights, weights]
                torch.ops.aten.convolution_backward(y, x, w, [out], [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], 1, wanted)

            self.row("conv forward", size, lambda: F.conv2d(x, w, b, stride, pad))
            self.row("conv backward, weights", size, lambda: backward(False, True))
            if channels > 3:
                self.row("conv backward, image", size, lambda: backward(True, False))

    def batch_norm(self):
        images, side, channels = self.sized(IMAGES, 2), self.sized(56, 7), 64
        x = self.noise(images, channels, side, side).to(memory_format=torch.channels_last).requires_grad_()
        norm = torch.nn.BatchNorm2d(channels).to(self.device)
        size = f"{images}x{side}x{side}x{channels}"
        y = norm(x).relu()
        dy = torch.rand_like(y)
        self.row("batch norm + ReLU", size, lambda: norm(x).relu())
        self.row("batch norm + ReLU backward", size, lambda: torch.autograd.grad(y, (x, norm.weight, norm.bias), dy, retain_graph=True))

    def run(self):
        for part in (self.copies, self.assign, self.search, self.lloyd, self.pairwise, self.products, self.convolutions):
            with torch.no_grad():
                part()
        self.batch_norm()
        return self.rows


def machine(a, device):
    cuda = device.type == "cuda"
    return {
        "torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version() if cuda else None,
        "device": torch.cuda.get_device_name(device) if cuda else platform.processor() or "cpu",
        "precision": a.precision, "scale": a.kernel_scale, "flash_kmeans": getattr(flash_kmeans, "__version__", None),
    }


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--what", choices=["kernels", "train"], default="kernels")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    p.add_argument("--kernel-scale", type=float, default=1.0)
    p.add_argument("--backbone", choices=sorted(TRUNKS), default="squeezenet")
    p.add_argument("--size", type=int, default=224)
    p.add_argument("--batch", type=int, default=64, help="images; each gives two views")
    p.add_argument("--method", choices=["cbs", "cbswr"], default="cbswr")
    p.add_argument("--clusters", type=int, default=32)
    p.add_argument("--steps", type=int, default=10, help="in each of five blocks")
    p.add_argument("--variants", default="eager,compiled")
    a = p.parse_args()
    torch.manual_seed(0)
    device = torch.device(a.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = a.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    result = machine(a, device)
    if a.what == "kernels":
        result["kernels"] = Kernels(device, a.precision, a.kernel_scale).run()
    else:
        result.update(bench_torch_step.run(a, device, Clock(device, 1)))
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
