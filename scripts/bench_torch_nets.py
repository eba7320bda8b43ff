"""The networks of bench_torch_step.py, up to their maps."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Fire(nn.Module):
    def __init__(self, channels, squeeze, expand):
        super().__init__()
        self.squeeze, self.one = nn.Conv2d(channels, squeeze, 1), nn.Conv2d(squeeze, expand, 1)
        self.three = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.one(x)), F.relu(self.three(x))], 1)


def squeezenet():
    def down():
        return nn.MaxPool2d(3, 2, ceil_mode=True)
    return nn.Sequential(
        nn.Conv2d(3, 96, 7, 2), nn.ReLU(), down(), Fire(96, 16, 64), Fire(128, 16, 64), Fire(128, 32, 128), down(),
        Fire(256, 32, 128), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), down(), Fire(512, 64, 256))


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        self.side = nn.Identity()
        if stride != 1 or channels != out:
            self.side = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return F.relu(self.second(self.first(x)) + self.side(x))


def resnet18():
    blocks, channels = [], 64
    for stage in range(4):
        out = 64 << stage
        blocks += [Block(channels, out, 2 if stage else 1), Block(out, out, 1)]
        channels = out
    return nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks)


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        out = 4 * width
        self.path = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out))
        self.side = nn.Identity()
        if stride != 1 or channels != out:
            self.side = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return F.relu(self.path(x) + self.side(x))


def resnet50():
    blocks, channels = [], 64
    for stage, depth in enumerate((3, 4, 6, 3)):
        for i in range(depth):
            blocks.append(Bottleneck(channels, 64 << stage, 2 if stage and i == 0 else 1))
            channels = 4 * (64 << stage)
    return nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks)


def unit(channels, out, kernel, stride=1, pad=0):
    return nn.Sequential(nn.Conv2d(channels, out, kernel, stride, pad, bias=False), nn.BatchNorm2d(out, eps=1e-3), nn.ReLU())


class Inception(nn.Module):
    """Four paths side by side; the last, as in torchvision, has 3x3 where the paper has 5x5."""

    def __init__(self, channels, one, before3, three, before5, five, pooled):
        super().__init__()
        self.paths = nn.ModuleList([
            unit(channels, one, 1), nn.Sequential(unit(channels, before3, 1), unit(before3, three, 3, pad=1)),
            nn.Sequential(unit(channels, before5, 1), unit(before5, five, 3, pad=1)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), unit(channels, pooled, 1))])

    def forward(self, x):
        return torch.cat([path(x) for path in self.paths], 1)


def googlenet():
    def down(kernel=3):
        return nn.MaxPool2d(kernel, 2, ceil_mode=True)
    return nn.Sequential(
        unit(3, 64, 7, 2, 3), down(), unit(64, 64, 1), unit(64, 192, 3, pad=1), down(),
        Inception(192, 64, 96, 128, 16, 32, 32), Inception(256, 128, 128, 192, 32, 96, 64), down(),
        Inception(480, 192, 96, 208, 16, 48, 64), Inception(512, 160, 112, 224, 24, 64, 64), Inception(512, 128, 128, 256, 24, 64, 64),
        Inception(512, 112, 144, 288, 32, 64, 64), Inception(528, 256, 160, 320, 32, 128, 128), down(2),
        Inception(832, 256, 160, 320, 32, 128, 128), Inception(832, 384, 192, 384, 48, 128, 128))


class Transformer(nn.Module):
    """ViT-S/16 up to its last norm, with a class token; the patches' rows are the map."""

    def __init__(self, size, dim=384, depth=12, heads=6, patch=16):
        super().__init__()
        self.cut = nn.Conv2d(3, dim, patch, patch)
        self.first = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.place = nn.Parameter(torch.randn(1, 1 + (size // patch) ** 2, dim) * 0.02)
        self.blocks = nn.Sequential(*[TransformerBlock(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, x):
        x = self.cut(x)
        side = x.shape[2:]
        x = torch.cat([self.first.expand(len(x), -1, -1), x.flatten(2).transpose(1, 2)], 1) + self.place
        return self.norm(self.blocks(x))[:, 1:].transpose(1, 2).unflatten(2, side)


class TransformerBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))

    def forward(self, x):
        q, k, v = self.qkv(self.norm1(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of a map, which lie side by side in channels_last."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depthwise, self.norm = nn.Conv2d(width, width, 7, padding=3, groups=width), nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x):
        y = self.mlp(self.norm(self.depthwise(x).permute(0, 2, 3, 1)))
        return x + (self.gamma * y).permute(0, 3, 1, 2)


def convnext():
    layers, width = [nn.Conv2d(3, 96, 4, 4), ChannelNorm(96, eps=1e-6)], 96
    for stage, depth in enumerate((3, 3, 9, 3)):
        if stage:
            layers += [ChannelNorm(width, eps=1e-6), nn.Conv2d(width, 2 * width, 2, 2)]
            width *= 2
        layers += [ConvNeXtBlock(width) for _ in range(depth)]
    return nn.Sequential(*layers)


# By the names of `udml-gpu bench --backbone`; each is made for images of a size.
TRUNKS = {"squeezenet": lambda _: squeezenet(), "resnet18": lambda _: resnet18(), "resnet50": lambda _: resnet50(),
          "googlenet": lambda _: googlenet(), "vit_small_patch16": Transformer, "convnext_tiny": lambda _: convnext()}
