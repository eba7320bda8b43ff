"""STML (Kim et al., "Self-Taught Metric Learning without Labels", CVPR 2022) in PyTorch, to hold `udml-gpu train --method stml` against.

    python scripts/peer_stml.py --data grocery.zip --backbone squeezenet --weights squeezenet1_0.safetensors --out peer.jsonl
    python scripts/peer_stml.py --data omniglot.zip --backbone conv4 --out peer.jsonl

The zip has train/CLASS/ and test/CLASS/ of different classes; no label is read in training.  Photos: boxes of 16 to 100 % of the image and
flips, and average plus maximum pooling, as the authors' program has them.  Drawings: rotated, scaled and shifted, never flipped; shifts
are whole pixels, -2 to 2, which have the variance of `--shift 2.449`.  The optimiser is AdamW, as in the runs that this is compared with
(the authors': AdamP).  One JSON line holds Recall@1 and MAP@R of the test classes, of the embedding before training, after the last epoch,
and after the whitening that `train` ends with.
Needs torch, torchvision, numpy, Pillow and safetensors.
"""
import argparse
import copy
import io
import json
import math
import time
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torch import nn


class Recipe:
    """What differs between photos on a pretrained network and drawings from scratch: the authors' own values for either."""

    def __init__(self, backbone, fractions=False):
        self.drawings, self.fractions = backbone == "conv4", fractions
        self.size, self.resize, self.channels = (32, 35, 1) if self.drawings else (80, 88, 3)
        self.neighbours, self.momentum, self.delta = (2, 0.9, 0.9) if self.drawings else (5, 0.999, 1.0)
        self.lr, self.epochs = (1e-3, 4) if self.drawings else (1e-4, 6)
        self.sigma, self.batch, self.dim, self.wide = 3.0, 64, 128, 1024
        self.mean, self.std = ([0.0], 255.0) if self.drawings else ([123.0, 117.0, 104.0], 1.0)


def load(path, r):
    """Images of both splits as uint8 [N,C,S,S] with their labels."""
    out, file = {}, zipfile.ZipFile(path)
    for split in ("train", "test"):
        names = sorted(n for n in file.namelist() if n.startswith(split + "/") and not n.endswith("/"))
        classes = {c: i for i, c in enumerate(sorted({n.split("/")[1] for n in names}))}
        images = []
        for name in names:
            image = Image.open(io.BytesIO(file.read(name))).convert("L" if r.drawings else "RGB")
            pixels = np.array(image.resize((r.resize, r.resize), Image.Resampling.BILINEAR))
            images.append(255 - pixels[None] if r.drawings else pixels.transpose(2, 0, 1))
        labels = torch.tensor([classes[n.split("/")[1]] for n in names])
        out[split] = torch.from_numpy(np.stack(images)).to(labels.device), labels
    return out


def normalised(x, r):
    x = (x - torch.tensor(r.mean).view(1, -1, 1, 1)) / r.std
    return x.contiguous(memory_format=torch.channels_last)


def middle(images, r):
    at = round((r.resize - r.size) / 2)
    return normalised(images[:, :, at : at + r.size, at : at + r.size].float(), r)


def uniform(n, lo, hi):
    return lo + (hi - lo) * torch.rand(n)


def view(images, r):
    """A random view of each image, by one affine map."""
    n = len(images)
    if r.drawings:
        angle, scale, flip = uniform(n, -10, 10) * math.pi / 180, 1 / uniform(n, 0.9, 1.1), torch.ones(n)
        wide = high = scale * r.size / r.resize
        dx, dy = ((uniform(n, -2, 2) if r.fractions else torch.randint(-2, 3, (n,))) * 2 / r.resize for _ in range(2))
    else:
        angle, flip = torch.zeros(n), torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
        area, ratio = uniform(n, 0.16, 1), torch.exp(uniform(n, math.log(3 / 4), math.log(4 / 3)))
        wide, high = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
        dx, dy = uniform(n, -1, 1) * (1 - wide), uniform(n, -1, 1) * (1 - high)
    rows = [torch.stack([flip * wide * angle.cos(), -high * angle.sin(), dx], 1),
            torch.stack([flip * wide * angle.sin(), high * angle.cos(), dy], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), [n, r.channels, r.size, r.size], align_corners=False)
    pad = "zeros" if r.drawings and not r.fractions else "border"
    return normalised(F.grid_sample(images.float(), grid, padding_mode=pad, align_corners=False), r)


def trunk(backbone, weights):
    if backbone == "squeezenet":
        network = torchvision.models.squeezenet1_0()
        network.load_state_dict(load_file(weights))
        return network.features, 512
    layers = []
    for i in range(4):
        layers += [nn.Conv2d(64 if i else 1, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2) if i < 3 else nn.Identity()]
    return nn.Sequential(*layers), 64


class Student(nn.Module):
    """Trunk, average plus maximum pooling, and the heads f (the embedding) and g."""

    def __init__(self, backbone, weights, r):
        super().__init__()
        self.trunk, width = trunk(backbone, weights)
        self.f, self.g = nn.Linear(width, r.dim), nn.Linear(width, r.wide)
        for head in (self.f, self.g):
            nn.init.orthogonal_(head.weight)
            nn.init.zeros_(head.bias)
        self.to(memory_format=torch.channels_last)

    def pooled(self, x):
        maps = self.trunk(x)
        return maps.mean((2, 3)) + maps.amax((2, 3))

    @torch.no_grad()
    def middles(self, images, r):
        """Pooled features of the middle crops, in evaluation mode."""
        self.eval()
        out = torch.cat([self.pooled(middle(part, r)) for part in images.split(256)])
        self.train()
        return out


def similarity(teacher, image, r):
    """W [n,n] of the teacher's unit vectors: half their closeness, half how many reciprocal neighbours they share."""
    k = 2 * r.neighbours
    close = torch.exp(-torch.cdist(teacher, teacher).square() / r.sigma)
    top = close.masked_fill(image[:, None] == image[None], 1).topk(k)[1]
    near = torch.zeros_like(close).scatter_(1, top, 1)
    mutual = near * near.T
    shared = mutual * (mutual @ mutual.T) / mutual.sum(1, keepdim=True).clamp(min=1)
    shared = shared[top[:, : round(k / 2)]].mean(1)
    return (close + (shared + shared.T) / 2) / 2


def relative(h):
    d = torch.cdist(h, h, compute_mode="donot_use_mm_for_euclid_dist")
    return d / d.mean(1, keepdim=True)


def relaxed(d, w, delta):
    off, n = 1 - torch.eye(len(d)), len(d)
    return (off * (w * d.square() + (1 - w) * F.relu(delta - d).square())).sum() / (n * (n - 1))


def loss_of(f, g, w, r):
    near, wide = relative(f), relative(g)
    divergence = F.kl_div((-near).log_softmax(1), (-wide.detach()).softmax(1), reduction="batchmean")
    return (relaxed(near, w, r.delta) + relaxed(wide, w, r.delta)) / 2 + divergence


def batches(student, images, r):
    """Random images with their nearest by g, as many batches as the images fill."""
    g = student.g(student.middles(images, r)).detach()
    near = torch.cat([torch.cdist(part, g).topk(r.neighbours, largest=False)[1] for part in g.split(1024)])
    queries = r.batch // r.neighbours
    return [near[torch.randperm(len(images))[:queries]].flatten() for _ in range(len(images) // (queries * r.neighbours))]


def train(student, images, r):
    teacher = copy.deepcopy(student).eval().requires_grad_(False)
    optimizer = torch.optim.AdamW(student.parameters(), r.lr, weight_decay=1e-2)
    for epoch in range(r.epochs):
        losses = []
        for image in batches(student, images, r):
            x = torch.cat([view(images[image], r), view(images[image], r)])
            with torch.no_grad():
                w = similarity(F.normalize(teacher.g(teacher.pooled(x))), image.repeat(2), r)
            h = student.pooled(x)
            loss = loss_of(student.f(h), student.g(h), w, r)
            optimizer.zero_grad()
            loss.backward()
            for mine, its in zip(teacher.state_dict().values(), student.state_dict().values(), strict=True):
                if mine.is_floating_point():
                    mine.lerp_(its, 1 - r.momentum)
                else:
                    mine.copy_(its)
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}", flush=True)


def whitening(f, dim):
    """The function of train's final whitening: principal components, each over the root of its standard deviation."""
    mean = f.mean(0)
    _, s, v = torch.linalg.svd(f - mean, full_matrices=False)
    return lambda x: (x - mean) @ (v[:dim].T * s[:dim].clamp(min=1e-6) ** -0.5)


def scores(z, labels):
    """Recall@1 and MAP@R by cosine."""
    z, r = F.normalize(z), torch.bincount(labels)[labels] - 1
    place, first, precision = torch.arange(1, int(r.max()) + 1), 0.0, 0.0
    for at in range(0, len(z), 512):
        s = z[at : at + 512] @ z.T
        s[torch.arange(len(s)), torch.arange(at, at + len(s))] = -2
        hit = (labels[s.topk(len(place))[1]] == labels[at : at + 512, None]).double()
        own = r[at : at + 512, None]
        first += hit[:, 0].sum().item()
        precision += ((hit * hit.cumsum(1) / place * (place <= own)).sum(1) / own[:, 0].clamp(min=1)).sum().item()
    return {"recall@1": round(first / len(z), 4), "map@r": round(precision / int((r > 0).sum()), 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--backbone", choices=["conv4", "squeezenet"], required=True)
    parser.add_argument("--weights", help="torchvision's tensors of SqueezeNet 1.0 for RGB 0..255 minus 123, 117, 104")
    parser.add_argument("--fractions", action="store_true", help="drawings as train --shift 2: fractions of pixels too, repeated edges")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", required=True)
    a = parser.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    torch.set_default_device(a.device)
    torch.backends.cudnn.allow_tf32 = False
    r = Recipe(a.backbone, a.fractions)
    data, student, line = load(a.data, r), Student(a.backbone, a.weights, r), {"data": a.data, "seed": a.seed}
    student.train()
    (images, _), (others, labels) = data["train"], data["test"]
    line["start"] = scores(student.f(student.middles(others, r)).detach(), labels)
    began = time.time()
    train(student, images, r)
    line["seconds"] = round(time.time() - began, 1)
    mine, its = (student.f(student.middles(x, r)).detach() for x in (images, others))
    line["raw"] = scores(its, labels)
    line["whitened"] = scores(whitening(F.normalize(mine), r.dim)(F.normalize(its)), labels)
    print(json.dumps(line), flush=True)
    with open(a.out, "a") as out:
        out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
