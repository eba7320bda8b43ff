"""The torch forms of googlenet_caffe and bninception, with the names of their published weights.

From the papers (Szegedy et al. 2015; Ioffe and Szegedy 2015) and Caffe's bvlc_googlenet: a module is one line of widths.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

# name: 1x1, 3x3_reduce, 3x3, 5x5_reduce, 5x5, pool_proj
CAFFE = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}

# name: 1x1, 3x3_reduce, 3x3, double_3x3_reduce, double_3x3_1 and _2, pool_proj; a module without 1x1 has stride 2
NORM = {
    "3a": (64, 64, 64, 64, 96, 32), "3b": (64, 64, 96, 64, 96, 64), "3c": (0, 128, 160, 64, 96, 0), "4a": (224, 64, 96, 96, 128, 128),
    "4b": (192, 96, 128, 96, 128, 128), "4c": (160, 128, 160, 128, 160, 128), "4d": (96, 128, 192, 160, 192, 128),
    "4e": (0, 128, 192, 192, 256, 0),
    "5a": (352, 192, 320, 160, 224, 128), "5b": (352, 192, 320, 192, 224, 128),
}


def down(x):
    return F.max_pool2d(x, 3, 2, ceil_mode=True)


class Convolutions(nn.Module):
    """Convolutions by name, made when the network first runs and the channels of their inputs are known."""

    def conv(self, name, x, out, kernel, stride=1):
        if name not in self._modules:
            self.add_module(name, nn.Conv2d(x.shape[1], out, kernel, stride, kernel // 2))
        return self._modules[name](x)


class GoogLeNetCaffe(Convolutions):
    def __init__(self):
        super().__init__()
        self(torch.zeros(1, 3, 32, 32))

    def relu(self, *args):
        return F.relu(self.conv(*args))

    def forward(self, x):
        x = F.local_response_norm(down(self.relu("conv1/7x7_s2", x, 64, 7, 2)), 5)
        x = self.relu("conv2/3x3_reduce", x, 64, 1)
        x = down(F.local_response_norm(self.relu("conv2/3x3", x, 192, 3), 5))
        for name, widths in CAFFE.items():
            x = self.module(f"inception_{name}/", down(x) if name in ("4a", "5a") else x, *widths)
        return x

    def module(self, at, x, one, in3, three, in5, five, proj):
        return torch.cat([
            self.relu(at + "1x1", x, one, 1),
            self.relu(at + "3x3", self.relu(at + "3x3_reduce", x, in3, 1), three, 3),
            self.relu(at + "5x5", self.relu(at + "5x5_reduce", x, in5, 1), five, 5),
            self.relu(at + "pool_proj", F.max_pool2d(x, 3, 1, 1), proj, 1),
        ], 1)


class BNInception(Convolutions):
    def __init__(self):
        super().__init__()
        self(torch.zeros(1, 3, 64, 64))

    def norm(self, name, *args):
        x = self.conv(name, *args)
        if name + "_bn" not in self._modules:
            self.add_module(name + "_bn", nn.BatchNorm2d(x.shape[1]))
        return F.relu(self._modules[name + "_bn"](x))

    def forward(self, x):
        x = down(self.norm("conv1_7x7_s2", x, 64, 7, 2))
        x = down(self.norm("conv2_3x3", self.norm("conv2_3x3_reduce", x, 64, 1), 192, 3))
        for name, widths in NORM.items():
            x = self.module(f"inception_{name}_", x, *widths)
        return x

    def module(self, at, x, one, in3, three, in33, three3, proj):
        stride = 1 if one else 2
        branches = [self.norm(at + "1x1", x, one, 1)] if one else []
        branches.append(self.norm(at + "3x3", self.norm(at + "3x3_reduce", x, in3, 1), three, 3, stride))
        twice = self.norm(at + "double_3x3_1", self.norm(at + "double_3x3_reduce", x, in33, 1), three3, 3)
        branches.append(self.norm(at + "double_3x3_2", twice, three3, 3, stride))
        if not one:
            return torch.cat(branches + [down(x)], 1)
        if at == "inception_5b_":
            x = F.max_pool2d(x, 3, 1, 1, ceil_mode=True)
        else:
            x = F.avg_pool2d(x, 3, 1, 1, ceil_mode=True, count_include_pad=True)
        return torch.cat(branches + [self.norm(at + "pool_proj", x, proj, 1)], 1)
