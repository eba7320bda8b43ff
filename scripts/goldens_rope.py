"""Goldens of DINOv3's rotary positions, on arrays that hold queries, keys and values side by side.

The formula below is compared with timm's and transformers' modules, which compute the angles in float32; the goldens have them in float64.
"""
import math
import sys

import torch
from goldens_attention import heads_of
from goldens_case import Goldens
from goldens_ops import exact, with_gradients

BASE = 100.0
FLOAT32 = 1e-5  # error of the others' angles, of up to 2 pi, and of their sines


def tables(d, h, w):
    """cos and sin [h w, d] of the angles of each patch: d/4 of its row, d/4 of its column, and both again."""
    periods = BASE ** (2 * torch.arange(d // 4).double() / (d // 2))
    y, x = (2 * (torch.arange(n).double() + 0.5) / n - 1 for n in (h, w))
    y, x = y[:, None].expand(h, w).reshape(-1, 1), x[None].expand(h, w).reshape(-1, 1)
    angles = 2 * math.pi * torch.cat((y / periods, x / periods), 1).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotated(x, heads, prefix, cos, sin):
    q, k, v = x.chunk(3, 2)
    return torch.cat([*(turned(heads_of(part, heads), prefix, cos, sin).transpose(1, 2).flatten(2) for part in (q, k)), v], 2)


def turned(x, prefix, cos, sin):
    first, rest = x[:, :, :prefix], x[:, :, prefix:]
    a, b = rest.chunk(2, -1)
    return torch.cat((first, rest * cos + torch.cat((-b, a), -1) * sin), 2)


def compare(name, got, want):
    off = (got.double() - want).abs().max().item()
    if not off <= FLOAT32:
        sys.exit(f"rope: {name} differs by {off:.2g}")


def as_in_libraries(d, h, w, prefix):
    """Ends the script unless timm and transformers turn random queries as this does."""
    from timm.layers.pos_embed_sincos import RotaryEmbeddingDinoV3, apply_rot_embed_cat
    from transformers.models.dinov3_vit import modeling_dinov3_vit as dinov3

    q = exact(2, 3, prefix + h * w, d, seed=1300)
    want = turned(q, prefix, *tables(d, h, w))
    ours = RotaryEmbeddingDinoV3(d, temperature=BASE, feat_shape=[h, w]).get_embed()
    theirs = apply_rot_embed_cat(q[:, :, prefix:].float(), ours, half=True)
    compare("timm", torch.cat((q[:, :, :prefix].float(), theirs), 2), want)
    config = dinov3.DINOv3ViTConfig(hidden_size=3 * d, num_attention_heads=3, image_size=[16 * h, 16 * w], patch_size=16, rope_theta=BASE)
    cos, sin = dinov3.DINOv3ViTRopePositionEmbedding(config).eval()(torch.zeros(1, 3, 16 * h, 16 * w))
    for turned_too in dinov3.apply_rotary_pos_emb(q.float(), q.float(), cos, sin):
        compare("transformers", turned_too, want)


def rope():
    out, seed = Goldens(), 1200
    for name, heads, d, h, w, prefix in [("square", 2, 16, 3, 3, 1), ("wide", 3, 8, 2, 5, 5), ("high", 1, 64, 4, 1, 0)]:
        seed += 10
        as_in_libraries(d, h, w, prefix)
        cos, sin = tables(d, h, w)
        f = lambda x: rotated(x, heads, prefix, cos.to(x.dtype), sin.to(x.dtype))
        with_gradients(out, name, f, seed + 1, x=exact(2, prefix + h * w, 3 * heads * d, seed=seed))
    return out
