"""Ten steps of plain SGD on the embedding layer by DeepCluster (engine/method/deepcluster.go) behind given features, within an epoch: the
clusters are given, and with them their centroids, or the linear layer as the epoch begins.

Written from the papers (Caron et al., ECCV 2018; NeurIPS 2020, DeepCluster-v2).  Everything runs in float64 from float32 features.
"""
import torch
import torch.nn.functional as F

from goldens_baselines import D, LABELS, WIDTH, features
from goldens_case import Goldens

CLUSTERS, LR, T, STD, SEED = 8, 0.2, 0.1, 0.01, 6


def train(start, data, dtype):
    """Losses, embedding layer and classifier; of a classifier without biases nothing is trained."""
    tensors = {k: v.to(dtype).clone().requires_grad_(k != "centroids") for k, v in start.items()}
    classes, biases = tensors.get("centroids", tensors.get("head")), tensors.get("head_bias")
    target, losses = F.one_hot(torch.tensor(LABELS + LABELS), CLUSTERS).to(dtype), []
    opt = torch.optim.SGD([v for v in tensors.values() if v.requires_grad], LR, foreach=False)
    for x in data:
        f = F.normalize(F.linear(x.to(dtype), tensors["weight"], tensors["bias"]), eps=1e-12)
        scores = F.linear(f, classes, biases) / T
        value = (torch.logsumexp(scores, 1) - (scores * target).sum(1)).mean()
        opt.zero_grad()
        value.backward()
        opt.step()
        losses.append(value.detach())
    return {"losses": torch.stack(losses)} | {k: v.detach() for k, v in tensors.items()}


def deepcluster():
    out = Goldens()
    for case in "centroids", "linear":
        g = torch.Generator().manual_seed(SEED)
        start = {"weight": torch.randn(D, WIDTH, generator=g) / WIDTH**0.5, "bias": 0.1 * torch.randn(D, generator=g)}
        classes = torch.randn(CLUSTERS, D, generator=g)
        if case == "centroids":
            start["centroids"] = F.normalize(classes)
        else:
            start |= {"head": STD * classes, "head_bias": torch.zeros(CLUSTERS)}
        data = features(SEED)
        out.keep(case, {"features": torch.stack(data), "labels": torch.tensor(LABELS).int(),
                        "lr": torch.tensor([LR], dtype=torch.float64)} | {f"start/{k}": v for k, v in start.items()})
        run = lambda dtype, order, start=start, data=data: train(start, data, dtype)
        want, ratio, rough = out.compute(case, run, results=torch.float64)
        print(f"{case}: {want['losses'][0]:.3f} to {want['losses'][-1]:.3f}, {ratio:.1f} times as far from a tie as wanted, "
              f"float32 is {rough:.1e} away")
    return out
