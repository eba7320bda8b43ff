"""One training step of CBSwR in PyTorch, in the form of the Go engine: K slots of which some are empty, no host
synchronisation, channels_last. bench_torch.py times it, eager and compiled."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from bench_torch_nets import TRUNKS

DIM, TEMPERATURE, DROPOUT = 128, 0.1, 0.6
WEIGHTS = {"metric": 0.9, "rim": 0.3, "reconstruction": 0.001}


class Decoder(nn.Module):
    """A 3x3 convolution, batch norm, ReLU and doubling up to the size of the image. In the batch norm each centroid counts as often as it
    has members, which gives the same as decoding it for every member."""

    def __init__(self, channels, side, size):
        super().__init__()
        self.size, self.stages, out = size, nn.ModuleList(), min(128, max(16, channels // 2))
        while side < size:
            self.stages.append(nn.ModuleDict({"conv": nn.Conv2d(channels, out, 3, padding=1, bias=False), "norm": nn.BatchNorm2d(out)}))
            channels, out, side = out, min(128, max(16, out // 2)), min(size, 2 * side)
        self.last = nn.Conv2d(channels, 3, 3, padding=1, bias=False)

    def forward(self, r, count):
        weight = (count / count.sum())[:, None, None, None]
        for stage in self.stages:
            x, n = stage["conv"](r).float(), stage["norm"]
            mean = (weight * x.mean((2, 3), keepdim=True)).sum(0, keepdim=True)
            var = (weight * (x - mean).square().mean((2, 3), keepdim=True)).sum(0, keepdim=True)
            scale = n.weight[None, :, None, None] * (var + n.eps).rsqrt()
            x = F.relu((x - mean) * scale + n.bias[None, :, None, None])
            if 2 * x.shape[2] <= self.size:
                r = F.interpolate(x, scale_factor=2)
            else:
                r = F.interpolate(x, size=(self.size, self.size), mode="bilinear", align_corners=False)
        return torch.sigmoid(self.last(r).float())


class CBSwR(nn.Module):
    def __init__(self, backbone, size, clusters, decode):
        super().__init__()
        self.trunk = TRUNKS[backbone](size)
        with torch.no_grad():
            _, channels, side, _ = self.trunk(torch.zeros(2, 3, size, size)).shape
        self.clusters, self.embedding = clusters, nn.Linear(channels, DIM)
        self.norm, self.drop, self.scores = nn.BatchNorm1d(DIM), nn.Dropout(DROPOUT), nn.Linear(DIM, clusters)
        self.decoder = Decoder(channels, side, size) if decode else None

    def embed(self, pooled):
        return F.normalize(self.embedding(pooled).float())

    def forward(self, images):
        fmap = self.trunk(images)
        pooled = fmap.mean((2, 3))
        f = self.embed(pooled)
        logits = self.scores(self.drop(self.norm(f))).float()
        own = F.one_hot(logits[:len(logits) // 2].argmax(1).repeat(2), self.clusters).float()
        count = own.sum(0)
        share = own / count.clamp(min=1)
        with torch.no_grad():
            centroids = self.embed(share.T @ pooled.float())
        loss = WEIGHTS["metric"] * metric(f, centroids, own.bool(), count > 0) + WEIGHTS["rim"] * rim(logits)
        if self.decoder is None:
            return loss
        r = (share.T @ fmap.permute(0, 2, 3, 1).flatten(1).float()).view(self.clusters, *fmap.shape[2:], -1).permute(0, 3, 1, 2)
        decoded = self.decoder(r, count)
        return loss + WEIGHTS["reconstruction"] * (own @ decoded.flatten(1) - images.flatten(1)).square().mean()


def rim(logits):
    k, log_p = math.log(logits.shape[1]), logits.log_softmax(1)
    p = log_p.exp()
    marginal = p.mean(0)
    return -(p * log_p).sum(1).mean() / k + 1 + (marginal * (marginal + 1e-12).log()).sum() / k


def metric(f, centroids, own, live):
    """Compares each row with its other view and the live centroids of the other clusters."""
    partner = f.detach().roll(len(f) // 2, 0)
    s = (f @ centroids.T / TEMPERATURE).masked_fill(~live, -1e9)
    others = s.masked_fill(own, -1e9).logsumexp(1)
    apart = torch.log1p(-s.softmax(1).clamp(max=1 - 1e-6)).masked_fill(own | ~live, 0).sum(1)
    return -((f * partner).sum(1) / TEMPERATURE - others + apart).mean()


def run(a, device, clock):
    """Seconds of a step, forward, backward and SGD, by variant."""
    bf16 = a.precision == "bf16"
    images = torch.rand(2 * a.batch, 3, a.size, a.size, device=device).contiguous(memory_format=torch.channels_last)
    out = {"backbone": a.backbone, "size": a.size, "batch": a.batch, "method": a.method, "seconds_per_step": {}, "peak_bytes": {}}
    for variant in a.variants.split(","):
        model = CBSwR(a.backbone, a.size, a.clusters, a.method == "cbswr").to(device, memory_format=torch.channels_last)
        loss = torch.compile(model) if variant == "compiled" else model
        optimizer = torch.optim.SGD(model.parameters(), 1e-3, foreach=True)

        def step():
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                value = loss(images)
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            optimizer.step()
            return value

        if not math.isfinite(step().item()):
            raise SystemExit(f"{a.backbone} {variant}: the loss is not finite")
        if clock.cuda:
            torch.cuda.reset_peak_memory_stats()
        out["seconds_per_step"][variant] = clock.seconds(step, a.steps)
        out["peak_bytes"][variant] = torch.cuda.max_memory_allocated() if clock.cuda else 0
    return out
