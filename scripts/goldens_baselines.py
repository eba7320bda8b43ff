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
LR, MARGIN, CONTRASTIVE_MARGIN, T, NCE_T, SEED = 0.2, 0.2, 1.0, 0.1, 0.07, 4


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


def own_class(scores):
    """The cross entropy of scores [2 IMAGES, IMAGES] where the class of a row is its image."""
    return (torch.logsumexp(scores, 1) - (scores * torch.eye(IMAGES, dtype=scores.dtype).repeat(2, 1)).sum(1)).mean()


class Bank:
    """The memory bank of Wu et al. 2018: a buffer, whose rows move towards the embeddings of each view after the step."""

    name, shape, trained = "bank", (IMAGES, D), False

    @staticmethod
    def loss(f, bank):
        return own_class(f @ bank.T / NCE_T)

    @staticmethod
    def after(bank, f):
        for view in f.detach()[:IMAGES], f.detach()[IMAGES:]:
            bank = F.normalize(0.5 * bank + 0.5 * view, eps=1e-12)
        return bank


class Surrogates:
    """Exemplar-CNN: a linear layer with a class for each image."""

    name, shape, trained = "surrogate", (IMAGES, D), True

    @staticmethod
    def loss(f, weight):
        return own_class(F.linear(f, weight) / T)


def features(seed):
    """Of classes that overlap: 2 views of each image in each step."""
    g = torch.Generator().manual_seed(seed)
    centres = torch.randn(10, WIDTH, generator=g)
    of = torch.tensor(LABELS + LABELS)
    return [centres[of] + torch.randn(2 * IMAGES, WIDTH, generator=g) for _ in range(STEPS)]


def train(loss, start, more, data, dtype):
    """The losses of all steps and the parameters after them; more is a Bank or Surrogates that goes with the loss, or None."""
    weight, bias, *own = (v.to(dtype).clone().requires_grad_(i < 2 or more.trained) for i, v in enumerate(start))
    losses, labels = [], torch.tensor(LABELS)
    opt = torch.optim.SGD([v for v in [weight, bias, *own] if v.requires_grad], LR, foreach=False)
    for x in data:
        f = F.normalize(F.linear(x.to(dtype), weight, bias), eps=1e-12)
        value = loss(f, own[0] if more else labels)
        opt.zero_grad()
        value.backward()
        opt.step()
        losses.append(value.detach())
        if more and not more.trained:
            own = [more.after(own[0], f)]
    result = {"losses": torch.stack(losses), "weight": weight.detach(), "bias": bias.detach()}
    return result | {more.name: own[0].detach()} if more else result


def baselines():
    out = Goldens()
    for case, loss, more in [("triplet", triplet_loss, None), ("contrastive", contrastive_loss, None), ("npair", npair_loss, None),
                             ("nce", Bank.loss, Bank), ("exemplar", Surrogates.loss, Surrogates)]:
        g = torch.Generator().manual_seed(SEED)
        start = {"weight": torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, "bias": 0.1 * torch.randn(D, generator=g)}
        if more:
            start[more.name] = torch.randn(more.shape, generator=g) / D**0.5
        data = features(SEED)
        out.keep(case, {"features": torch.stack(data), "labels": torch.tensor(LABELS).int()} | {f"start/{k}": v for k, v in start.items()})
        out.keep(case, {"lr": torch.tensor([LR], dtype=torch.float64)})
        run = lambda dtype, order, loss=loss, start=start, more=more, data=data: train(loss, start.values(), more, data, dtype)
        want, ratio, rough = out.compute(case, run, results=torch.float64)
        print(f"{case}: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, "
              f"float32 is {rough:.1e} away")
    return out
