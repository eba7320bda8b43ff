"""Steps of conv4 with plain SGD, by CBSwR (docs/architecture.md, section 5) and by instance discrimination: weights, batches, masks,
losses and results.

Everything runs in float64 from float32 weights and images.  Training amplifies rounding: a ReLU, a maximum or a pseudo
label that changes sides changes the whole trajectory.  So the rate is low, and the seed is one for which the steps in
float32 end close by, also from weights with ten times float32's noise: a correct trainer stays within 1e-4.
"""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from goldens_case import Goldens
from goldens_nudge import Nudge
from goldens_orders import error
from goldens_ties import named
from goldens_losses import instance_loss, metric_loss, pseudo_labels, rim_loss

B, K, D, SIZE, STEPS, SEED = 4, 6, 128, 8, 4, 16
INSTANCE_STEPS, INSTANCE_SEED = 2, 16
LR, DROPOUT, T, ALPHA, MU = 0.01, 0.6, 0.1, 1.0, 1.0
W_METRIC, W_RIM, W_REC = 0.9, 0.3, 0.001
SETTINGS = {"lr": LR, "dropout": DROPOUT, "temperature": T, "alpha": ALPHA, "mu": MU,
            "metric": W_METRIC, "rim": W_RIM, "reconstruction": W_REC}


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
    for i, (a, b) in enumerate(zip(channels, channels[1:], strict=False)):
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


class Instance(nn.Module):
    """Instance discrimination: the network and its embedding, no clusters."""

    def __init__(self):
        super().__init__()
        self.features, self.embedding = conv4(), nn.Linear(64, D)

    def loss(self, images, _mask):
        return instance_loss(F.normalize(self.embedding(self.features(images).mean((2, 3))), eps=1e-12), T, ALPHA), None


def batches(seed, steps=STEPS):
    """Two noisy views each of random images, and dropout masks.  Neighbouring pixels are independent: of smooth images a 3x3 filter keeps
    little but their mean, which batch norm subtracts, and rounding is then large compared with the rest."""
    g = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        base = torch.rand(B, 1, SIZE, SIZE, generator=g)
        views = torch.cat([base, base.roll(1, 3)]) + 0.05 * torch.randn(2 * B, 1, SIZE, SIZE, generator=g)
        yield views.clamp(0, 1), (torch.rand(2 * B, D, generator=g) >= DROPOUT).to(torch.uint8)


def summary(v):
    """The sum, the sum of absolute values, the largest of those, and up to 64 elements at even distances, in torch's layout."""
    v = v.detach().flatten()
    sample = v[:: max(1, len(v) // 64)][:64]
    return torch.cat([v.sum()[None], v.abs().sum()[None], v.abs().max()[None], sample])


def summary_error(got, want):
    """The largest error relative to the largest element, or of a sum relative to the sum of absolute values."""
    got, want = got.detach().double().flatten(), want.detach().flatten()
    sums = max((got.sum() - want.sum()).abs(), (got.abs().sum() - want.abs().sum()).abs()) / want.abs().sum()
    return max(error("", got, want), sums.item())


def tensors_of(model):
    return {k: v.detach().clone() for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def start(make, seed, steps):
    """The model before the first step, in float32, and the batches.  Its filters sum to 0 and most numbers before a ReLU are positive, as
    in the goldens of networks and for the same reason: rounding grows less from layer to layer and from step to step."""
    torch.manual_seed(seed)
    model, data = named(make().double()), list(batches(seed, steps))
    for part in [*model.features.modules(), *getattr(model, "decoder", nn.Sequential()).modules()]:
        if isinstance(part, nn.Conv2d):
            part.weight.data -= part.weight.data.mean((1, 2, 3), keepdim=True)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.constant_(part.weight, 0.5)
            nn.init.constant_(part.bias, 0.1)
    model = model.float().double()  # exact in float32
    with torch.no_grad(), Nudge(model, {}):
        model.loss(data[0][0].double(), data[0][1])
    for part in model.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.reset_running_stats()
    return model.float(), data


def train(model, data, dtype):
    """The results of the steps, and the first step's gradients."""
    model = copy.deepcopy(model).to(dtype)
    opt, losses, labels, gradients = torch.optim.SGD(model.parameters(), LR, foreach=False), [], [], {}
    for images, mask in data:
        *terms, logits = model.loss(images.to(dtype), mask)
        if logits is not None:
            labels.append(logits[:B].argmax(1))
        opt.zero_grad()
        terms[0].backward()
        gradients = gradients or {f"gradient/{k}": p.grad.clone() for k, p in model.named_parameters()}
        opt.step()
        losses.append(torch.stack(terms).detach())
    clusters = {"labels": torch.stack(labels).int()} if labels else {}
    return gradients | {f"final/{k}": v for k, v in tensors_of(model).items()} | {"losses": torch.stack(losses)} | clusters


def run(make, seed, steps, settings):
    out, (model, data) = Goldens(), start(make, seed, steps)
    out.keep("initial", tensors_of(model))
    for i, (images, mask) in enumerate(data):
        out.keep(f"step{i}", {"images": images.permute(0, 2, 3, 1).float(), "mask": mask})
    want, ratio, rough = out.compute("", lambda dtype, order: train(model, data, dtype), measure=training_error)
    print(f"{make.__name__}: {ratio:.1f} times as far from a tie as wanted, float32 is {rough:.1e} away")
    out.tensors |= {k: summary(v).float() for k, v in want.items() if k.startswith("gradient/")}
    out.tensors["losses"] = want["losses"]  # [step, terms] in float64: the loss, of CBSwR also L_m, L_rim, L_rec
    out.keep("settings", {k: torch.tensor([v], dtype=torch.float64) for k, v in settings.items()})
    return out, want


def training(seed=SEED):
    out, want = run(Model, seed, STEPS, SETTINGS)
    clusters = min(len(l.unique()) for l in want["labels"])
    print(f"training: at least {clusters} clusters")
    assert clusters > 2, "choose another SEED"
    return out


def training_instance(seed=INSTANCE_SEED):
    """Fewer steps: rounding grows faster, since at this temperature a row is held against single rows, not against means."""
    return run(Instance, seed, INSTANCE_STEPS, {"lr": LR, "temperature": T, "alpha": ALPHA})[0]


def training_error(name, got, want):
    """A gradient's summary, each of the losses relative to itself, a tensor otherwise."""
    if name.startswith("gradient/"):
        return summary_error(got, want)
    return max(error(name, g, w) for g, w in zip(got.T, want.T, strict=True)) if name == "losses" else error(name, got, want)
