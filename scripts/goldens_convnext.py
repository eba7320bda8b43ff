"""Goldens of ConvNeXt as timm has it: a short network, and ConvNeXt-T at small images.  No op of it has ties."""
import copy

import torch
from timm.models.convnext import ConvNeXt

from goldens_case import Goldens
from goldens_networks import IMAGENET, network_error, prepare, settle, whole
from goldens_ops import exact

# case: depths, widths, the images' size
CASES = {
    "short": ((1, 1, 2, 1), (16, 32, 64, 128), 70), "convnext_tiny": ((3, 3, 9, 3), (96, 192, 384, 768), 64),
}


class Pooled(ConvNeXt):
    """Its published features, the norm of the map's mean, as a map of one pixel."""

    def forward(self, x):
        return self.forward_head(self.forward_features(x), pre_logits=True)[:, :, None, None]


def published(depths, width):
    return lambda: Pooled(depths=depths, dims=[width << i for i in range(4)], num_classes=0)


# For check_weights.py, as goldens_networks.NETWORKS.
NETWORKS = {"convnext_tiny": (published((3, 3, 9, 3), 96), "", *IMAGENET, False),
            "convnext_small": (published((3, 3, 27, 3), 96), "", *IMAGENET, False),
            "convnext_base": (published((3, 3, 27, 3), 128), "", *IMAGENET, False)}


def convnext():
    out = Goldens()
    for number, (case, (depths, widths, size)) in enumerate(CASES.items()):
        net = prepare(ConvNeXt(depths=depths, dims=widths, num_classes=0), "")
        images = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(size))
        side = size // 32
        dmap, dpooled = exact(2, widths[-1], side, side, seed=1300 + number), exact(2, widths[-1], seed=1310 + number)

        def run(dtype, order, net=net, images=images, dmap=dmap, dpooled=dpooled):
            part = copy.deepcopy(net).to(dtype)
            mean, std = (torch.tensor(v, dtype=dtype)[:, None, None] for v in IMAGENET)
            stages, x = {}, part.stem((255 * images.to(dtype) - mean) / std)
            for i, stage in enumerate(part.stages):
                x = stage(x)
                stages[f"stage{i}"] = x.detach().mean((2, 3))
            pooled = part.head(x, pre_logits=True)
            torch.autograd.backward([x, pooled], [dmap.to(dtype), dpooled.to(dtype)])
            return stages | {"map": x.detach(), "pooled": pooled.detach()} | whole(part, "")

        out.keep(case, {"images": images, "dmap": dmap.float(), "dpooled": dpooled.float()})
        settle(out, case, run, network_error({}))
    return out
