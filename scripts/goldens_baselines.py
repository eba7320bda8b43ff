"""Ten steps of plain SGD on the embedding layer, by the baselines of engine/method: given features of a backbone, labels, losses and the
layer afterwards.

The losses are written from their papers, one pair after another where the programs compute whole matrices.  The backbone is left out: it
is in goldens_training.py, and its ReLUs would come near a tie within ten steps.  Everything runs in float64 from float32 features.
"""
import torch
import torch.nn.functional as F

from goldens_case import Goldens

IMAGES, WIDTH, D, STEPS = 8, 12, 6, 10
LABELS = [3, 3, 0, 0, 7, 7, 3, 5]  # a class of three images, one of a single one
LR, MARGIN, CONTRASTIVE_MARGIN, T = 0.2, 0.2, 1.0, 0.1


def triplet_loss(f, labels):
    """For each pair of a class the negative nearest behind the positive, or the farthest."""
    y, s, terms = torch.cat([labels, labels]), f @ f.T, []
    for i in range(len(f)):
        negatives = s[i][y != y[i]]
        for a in range(len(f)):
            if a == i or y[a] != y[i]:
                continue
            behind = F.relu(negatives.detach() - s[i, a].detach()) == 0  # as a ReLU, so that a near tie is noticed
            chosen = negatives[behind].amax(0) if behind.any() else -(-negatives).amax(0)
            terms.append(F.relu(MARGIN - 2 * s[i, a] + 2 * chosen))
    return torch.stack(terms).mean()


def contrastive_loss(f, labels):
    y, same, other = torch.cat([labels, labels]), [], []
    for i in range(len(f)):
        for j in range(len(f)):
            if i == j:
                continue
            square = (f[i] - f[j]).pow(2).sum()
            if y[i] == y[j]:
                same.append(square)
            else:
                other.append(F.relu(CONTRASTIVE_MARGIN - square.sqrt()).pow(2))
    return torch.stack(same).mean() + torch.stack(other).mean()


def npair_loss(f, labels):
    """log(1 + sum exp(a.n - a.p)) over the positives n of the other classes, as the paper writes it."""
    anchors, positives = f[:IMAGES] / T, f[IMAGES:]
    terms = []
    for i in range(IMAGES):
        others = positives[labels != labels[i]]
        terms.append(torch.logsumexp(torch.cat([torch.zeros(1, dtype=f.dtype), ((others - positives[i]) * anchors[i]).sum(1)]), 0))
    return torch.stack(terms).mean()


def features(seed):
    """Of classes that overlap: 2 views of each image in each step."""
    g = torch.Generator().manual_seed(seed)
    centres = torch.randn(10, WIDTH, generator=g)
    of = torch.tensor(LABELS + LABELS)
    return [centres[of] + torch.randn(2 * IMAGES, WIDTH, generator=g) for _ in range(STEPS)]


def train(loss, start, data, dtype):
    weight, bias = (v.to(dtype).clone().requires_grad_() for v in start)
    losses, labels = [], torch.tensor(LABELS)
    opt = torch.optim.SGD([weight, bias], LR, foreach=False)
    for x in data:
        value = loss(F.normalize(F.linear(x.to(dtype), weight, bias), eps=1e-12), labels)
        opt.zero_grad()
        value.backward()
        opt.step()
        losses.append(value.detach())
    return {"losses": torch.stack(losses), "weight": weight.detach(), "bias": bias.detach()}


def baselines():
    out = Goldens()
    for case, loss, seed in [("triplet", triplet_loss, 4), ("contrastive", contrastive_loss, 4), ("npair", npair_loss, 4)]:
        g = torch.Generator().manual_seed(seed)
        start = torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, 0.1 * torch.randn(D, generator=g)
        data = features(seed)
        out.keep(case, {"features": torch.stack(data), "labels": torch.tensor(LABELS).int(), "start/weight": start[0], "start/bias": start[1]})
        out.keep(case, {"lr": torch.tensor([LR], dtype=torch.float64)})
        want, ratio, rough = out.compute(case, lambda dtype, order, loss=loss, start=start, data=data: train(loss, start, data, dtype),
                                         results=torch.float64)
        print(f"{case}: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, "
              f"float32 is {rough:.1e} away")
    return out
