"""Ten CBSwR steps of conv4 (design section 6) with plain SGD: weights, batches, masks, losses and what comes out.

Everything runs in float64 from float32 weights and images.  Training amplifies rounding: a ReLU, a maximum or a pseudo
label that changes sides moves the whole trajectory.  So the rate is low and the seed one of those where the steps in
float32 end close by, also from weights with noise ten times that of float32: a trainer without fault passes 1e-4.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from goldens_losses import metric_loss, pseudo_labels, rim_loss

B, K, D, SIZE, STEPS, SEED = 8, 6, 128, 16, 10, 15
LR, DROPOUT, T, ALPHA, MU = 0.01, 0.6, 0.1, 1.0, 1.0
W_METRIC, W_RIM, W_REC = 0.9, 0.3, 0.001
GAP = 1e-3  # between the two largest p of a first view: no rounding may change a pseudo label


def conv3x3(i, o):
    return nn.Conv2d(i, o, 3, padding=1, bias=False)


def conv4(channels=1):
    layers = []
    for i in range(4):
        layers += [conv3x3(64 if i else channels, 64), nn.BatchNorm2d(64), nn.ReLU()] + [nn.MaxPool2d(2)] * (i < 3)
    return nn.Sequential(*layers)


def decoder(channels=(64, 32, 16, 16), out=1, last=None):
    """Stages of conv3x3, batch norm, ReLU, upsampling by 2; the last stage goes to `last` pixels where that is given."""
    layers = []
    for i, (a, b) in enumerate(zip(channels, channels[1:])):
        final = last and i == len(channels) - 2
        up = nn.Upsample(last, mode="bilinear", align_corners=False) if final else nn.Upsample(scale_factor=2)
        layers += [conv3x3(a, b), nn.BatchNorm2d(b), nn.ReLU(), up]
    return nn.Sequential(*layers, conv3x3(channels[-1], out), nn.Sigmoid())


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.features, self.embedding, self.decoder = conv4(), nn.Linear(64, D), decoder()
        self.head = nn.ModuleDict({"bn": nn.BatchNorm1d(D), "fc": nn.Linear(D, K)})

    def embed(self, fmap):
        return F.normalize(self.embedding(fmap.mean((2, 3))), eps=1e-12)

    def loss(self, images, mask):
        fmap = self.features(images)
        f = self.embed(fmap)
        logits = self.head["fc"](self.head["bn"](f) * mask / (1 - DROPOUT))
        slot = pseudo_labels(logits)
        own = F.one_hot(slot).to(fmap)
        r = torch.einsum("ns,nchw->schw", own, fmap) / own.sum(0)[:, None, None, None]
        l_m = metric_loss(f, self.embed(r).detach(), slot, T, ALPHA)
        l_rim = rim_loss(logits, MU)[0]
        l_rec = (self.decoder(r[slot]) - images).square().mean()  # every member decoded: batch norm counts members
        return W_METRIC * l_m + W_RIM * l_rim + W_REC * l_rec, l_m, l_rim, l_rec, logits


def batches(seed):
    """Two noisy views each of smooth random images, and dropout masks."""
    g = torch.Generator().manual_seed(seed)
    for _ in range(STEPS):
        base = F.interpolate(torch.rand(B, 1, 5, 5, generator=g), SIZE, mode="bicubic", align_corners=True)
        views = torch.cat([base, base.roll(1, 3)]) + 0.05 * torch.randn(2 * B, 1, SIZE, SIZE, generator=g)
        yield views.clamp(0, 1), (torch.rand(2 * B, D, generator=g) >= DROPOUT).to(torch.uint8)


def summary(v):
    """The sum, the sum of absolute values, and up to 64 elements at even distances, in torch's layout."""
    v = v.detach().flatten()
    sample = v[:: max(1, len(v) // 64)][:64]
    return torch.cat([v.sum()[None], v.abs().sum()[None], sample])


def tensors_of(model):
    return {k: v.detach().clone() for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def run(dtype, noise=0.0, noise_seed=0):
    """The whole training: its tensors, and the smallest gap between the two largest p."""
    torch.manual_seed(SEED)
    model = Model().to(dtype)
    out = {f"initial/{k}": v for k, v in tensors_of(model).items()}
    g = torch.Generator().manual_seed(noise_seed)
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(1 + noise * torch.randn(p.shape, generator=g).to(dtype))
    opt, losses, labels, gap = torch.optim.SGD(model.parameters(), LR), [], [], 1.0
    for i, (images, mask) in enumerate(batches(SEED)):
        *terms, logits = model.loss(images.to(dtype), mask)
        top = logits[:B].softmax(1).topk(2)
        gap = min(gap, (top.values[:, 0] - top.values[:, 1]).min().item())
        labels.append(top.indices[:, 0])
        opt.zero_grad()
        terms[0].backward()
        if i == 0:
            out |= {f"gradient/{k}": summary(p.grad) for k, p in model.named_parameters()}
        opt.step()
        losses.append(torch.stack(terms).detach())
        out |= {f"step{i}/images": images.permute(0, 2, 3, 1), f"step{i}/mask": mask}
    out |= {f"final/{k}": v for k, v in tensors_of(model).items()}
    return out | {"losses": torch.stack(losses), "labels": torch.stack(labels).int()}, gap


def difference(a, b):
    """The largest max|a-b|/max|b| over the final tensors."""
    return max(((a[k] - b[k]).abs().max() / b[k].abs().max()).item() for k in a if k.startswith("final/"))


def training():
    out, gap = run(torch.float64)
    clusters = min(len(l.unique()) for l in out["labels"])
    rough = difference(run(torch.float32)[0], out)
    noisy = max(difference(run(torch.float64, 1e-6, i)[0], out) for i in range(3))
    print(f"training: gap {gap:.4f}, at least {clusters} clusters, float32 ends {rough:.1e} away, noisy weights {noisy:.1e}")
    assert gap > GAP and clusters > 2 and rough < 1e-5 and noisy < 1e-4, "choose another SEED"
    settings = {"lr": LR, "dropout": DROPOUT, "temperature": T, "alpha": ALPHA, "mu": MU,
                "metric": W_METRIC, "rim": W_RIM, "reconstruction": W_REC}
    losses = out.pop("losses")
    out = {k: v.float() if v.is_floating_point() else v for k, v in out.items()}
    out |= {f"settings/{k}": torch.tensor([v], dtype=torch.float64) for k, v in settings.items()}
    return out | {"losses": losses}  # [step, (loss, L_m, L_rim, L_rec)] in float64
