"""Goldens of vision transformers: the tokens after the embedding and after each block, the last norm, the head, and a summary of each
parameter's gradient, as transformers and timm compute them.

The networks are small members of their families, with the heads of 64 channels and the patches of the published ones.  Weights and
images are not stored: both sides compute them from names (goldens_networks.parameter, golden.Parameter in Go).  They are such that
attention is not uniform, layer scales are 0.3 and positions as large as tokens; with the usual small weights a wrong position or
activation would not show.

transformers and timm compute positions and rotations in float32 whatever the network's dtype; here they run in float64, and are compared
with what the libraries do (alike).  Parameters have timm's names, as in the program.
"""
import contextlib
import copy
import functools
import math
from collections import namedtuple

import timm.models.eva
import timm.models.vision_transformer
import torch
import torch.nn as nn
import torch.nn.functional as F
import transformers as hf

from goldens_case import Goldens
from goldens_networks import network_error, parameter, settle
from goldens_ties import SMOOTH

SMOOTH.update("""
_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention_for_cpu_backward _scaled_dot_product_attention_math
_upsample_bicubic2d_aa _upsample_bicubic2d_aa_backward arange ceil cos gelu gelu_backward is_same_size meshgrid native_layer_norm
native_layer_norm_backward silu silu_backward sin split split_with_sizes tanh tanh_backward unbind upsample_bicubic2d
embedding embedding_dense_backward upsample_bicubic2d_backward baddbmm embedding embedding_dense_backward
""".split())

Numbers = namedtuple("Numbers", "dim depth heads mlp out patch")  # patch None: the family's
SMALL = Numbers(128, 2, 2, 256, 64, None)
IMAGES = 2
ALIKE = 2e-6  # of the libraries' positions and rotations in float32, relative to the largest token


def hf_names(family, name):
    """The tensors of transformers (in memory), in order, that together are the parameter of timm's name."""
    stem, last = name.rsplit(".", 1) if "." in name else ("", name)
    if not name.startswith("blocks."):
        return [AROUND[family].get(name) or f"{AROUND[family][stem]}.{last}"]
    _, n, inner = name.split(".", 2)
    block, table = BLOCKS[family][0] + n + ".", BLOCKS[family][1]
    if inner in table:
        return [block + table[inner]]
    stem, last = inner.rsplit(".", 1)
    q, k, v = (block + table["attn"].format(part) for part in "qkv")
    if stem == "attn.qkv":
        return [f"{part}.{last}" for part in (q, k, v)]
    if last in ("q_bias", "v_bias"):
        return [f"{q if last[0] == 'q' else v}.bias"]
    return [f"{block}{table.get(stem, stem)}.{last}"]


SELF = {"attn": "self_attn.{}_proj", "attn.proj": "self_attn.out_proj", "norm1": "layer_norm1", "norm2": "layer_norm2"}
SCALED = {"attn": "attention.{}_proj", "attn.proj": "attention.o_proj", "ls1.gamma": "layer_scale1.lambda1",
          "ls2.gamma": "layer_scale2.lambda1", "gamma_1": "layer_scale1.lambda1", "gamma_2": "layer_scale2.lambda1"}
GATED = {"mlp.fc1_g": "mlp.gate_proj", "mlp.fc1_x": "mlp.up_proj", "mlp.fc2": "mlp.down_proj"}
BLOCKS = {
    "vit": ("layers.", {"attn": "attention.{}_proj", "attn.proj": "attention.o_proj", "norm1": "layernorm_before",
                        "norm2": "layernorm_after"}),
    "dinov2": ("encoder.layer.", SCALED), "dinov2_gated": ("encoder.layer.", SCALED | GATED),
    "dinov3": ("model.layer.", SCALED | {"mlp.fc1": "mlp.up_proj", "mlp.fc2": "mlp.down_proj"}),
    "dinov3_gated": ("model.layer.", SCALED | GATED),
    "clip": ("vision_model.encoder.layers.", SELF), "siglip": ("encoder.layers.", SELF),
}
EMBEDDINGS = {"cls_token": "embeddings.cls_token", "reg_token": "embeddings.register_tokens", "pos_embed": "embeddings.position_embeddings",
              "patch_embed.proj": "embeddings.patch_embeddings.projection", "norm": "layernorm"}
HEAD = {"attn_pool.latent": "head.probe", "attn_pool.proj": "head.attention.out_proj", "attn_pool.norm": "head.layernorm",
        "attn_pool.mlp.fc1": "head.mlp.fc1", "attn_pool.mlp.fc2": "head.mlp.fc2"}
AROUND = {
    "vit": EMBEDDINGS, "dinov2": EMBEDDINGS, "dinov2_gated": EMBEDDINGS,
    "dinov3": EMBEDDINGS | {"patch_embed.proj": "embeddings.patch_embeddings", "norm": "norm"},
    "clip": {"cls_token": "vision_model.embeddings.class_embedding", "pos_embed": "vision_model.embeddings.position_embedding.weight",
             "patch_embed.proj": "vision_model.embeddings.patch_embedding", "norm_pre": "vision_model.pre_layrnorm",
             "norm": "vision_model.post_layernorm", "head": "visual_projection"},
    "siglip": HEAD | {"pos_embed": "embeddings.position_embedding.weight", "patch_embed.proj": "embeddings.patch_embedding",
                      "norm": "post_layernorm"},
}
AROUND["dinov3_gated"] = AROUND["dinov3"]


def parameters(kind, depth, gated=False, head=(), bias=True):
    """The names of a family's parameters in the program; without bias, DINOv3 has none of its queries and values."""
    names = {"vit": ["cls_token", "pos_embed"], "dinov2": ["cls_token", "pos_embed"], "dinov3": ["cls_token"],
             "clip": ["cls_token", "pos_embed"], "siglip": ["pos_embed"]}[kind]
    both = lambda stem: [stem + ".weight", stem + ".bias"]
    names = names + (both("patch_embed.proj") if kind != "clip" else ["patch_embed.proj.weight"] + both("norm_pre"))
    for n in range(depth):
        b = f"blocks.{n}."
        names += both(b + "norm1") + both(b + "norm2") + both(b + "attn.proj") + both(b + "mlp.fc2")
        names += both(b + "mlp.fc1_g") + both(b + "mlp.fc1_x") if gated else both(b + "mlp.fc1")
        names += [b + "attn.qkv.weight"] + ([b + "attn.q_bias", b + "attn.v_bias"] * bias if kind == "dinov3" else [b + "attn.qkv.bias"])
        names += {"dinov2": [b + "ls1.gamma", b + "ls2.gamma"], "dinov3": [b + "gamma_1", b + "gamma_2"]}.get(kind, [])
    return names + both("norm") + list(head)


class Transformer:
    """A network of transformers, its parameters by their names in the program."""

    def __init__(self, kind, net, last_norm, blocks, gated=False, registers=0, head=(), bias=True):
        self.kind, self.table = kind, kind + "_gated" * gated
        self.net, self.last_norm, self.blocks = net.double().eval(), last_norm, blocks
        self.names = parameters(kind, len(blocks(net)), gated, head, bias) + ["reg_token"] * (registers > 0)
        state = dict(net.named_parameters())
        with torch.no_grad():
            for name in self.names:
                for part, value in zip(self.parts(name), self.cut(name, state), strict=True):
                    state[part].copy_(value)

    def parts(self, name):
        if name.startswith("attn_pool.") and name.split(".")[1] in ("q", "kv"):
            return ["head.attention.in_proj_" + name.rsplit(".", 1)[1]]
        return hf_names(self.table, name)

    def cut(self, name, state):
        """The parameter's value, cut into the tensors of transformers."""
        shapes = [state[part].shape for part in self.parts(name)]
        if name == "attn_pool.q.weight" or name == "attn_pool.q.bias":
            last = name.rsplit(".", 1)[1]
            d, shape = shapes[0][0] // 3, shapes[0][1:]
            return [torch.cat([parameter(f"attn_pool.{p}.{last}", (n * d, *shape)) for p, n in (("q", 1), ("kv", 2))])]
        if name.startswith("attn_pool.kv"):
            return [state[self.parts(name)[0]].detach()]
        whole = (sum(s[0] for s in shapes), *shapes[0][1:])
        if name in ("cls_token", "pos_embed") and len(whole) < 3:
            return [parameter(name, (1, *whole) if len(whole) == 2 else (1, 1, *whole)).reshape(whole)]
        return parameter(name, whole).split([s[0] for s in shapes])

    def run(self, net, x):
        """The last hidden state and the head's output, or None."""
        more = {"interpolate_pos_encoding": True} if self.kind in ("vit", "clip", "siglip") else {}
        out = net(pixel_values=x, **more)
        return out.last_hidden_state, {"clip": lambda: out.image_embeds, "siglip": lambda: out.pooler_output}.get(self.kind, lambda: None)()

    def together(self, tensors):
        """What transformers has by its names, as the program's parameters."""
        out = {}
        for name in self.names:
            v = torch.cat([tensors[part] for part in self.parts(name)])
            if name.startswith("attn_pool.q."):
                v = v[: len(v) // 3]
            if name.startswith("attn_pool.kv."):
                v = v[len(v) // 3 :]
            out[name] = v.reshape((1,) * (3 - v.dim()) + v.shape) if name.endswith(("cls_token", "pos_embed")) else v
        return out


class Timm(Transformer):
    """A network of timm, whose names are the program's."""

    def __init__(self, kind, net, head=(), gated=False, registers=0, bias=True):
        super().__init__(kind, net, lambda m: m.norm, lambda m: m.blocks, gated, registers, head, bias)
        net.patch_embed.register_forward_hook(lambda m, a, y: y.contiguous())  # timm takes a view of it, in any order of summation

    def parts(self, name):
        return [name]

    def cut(self, name, state):
        return [parameter(name, state[name].shape)]

    def run(self, net, x):
        y = net.forward_features(x)
        return y, net.forward_head(y) if self.kind in ("clip", "siglip") else None

    def together(self, tensors):
        return {name: tensors[name] for name in self.names}


def tokens(t, net, x):
    """The states, the normed tokens, the head's output or None, and the normed tokens as the library returns them."""
    states, blocks = [], t.blocks(net)
    hooks = [blocks[0].register_forward_pre_hook(lambda m, a, k: states.append(a[0] if a else k["hidden_states"]), with_kwargs=True)]
    hooks += [b.register_forward_hook(lambda m, a, y: states.append(y[0] if isinstance(y, tuple) else y)) for b in blocks]
    returned, head = t.run(net, x)
    for h in hooks:
        h.remove()
    return states, t.last_norm(net)(states[-1]), head, returned


def positions(how):
    """An interpolation that takes the place of F.interpolate, in float64 where its input was; scaled by a tenth of a patch more, as
    Meta's code, for how = "hub"."""
    interpolate = F.interpolate

    def resized(x, size=None, **kwargs):
        x = x.double() if positions.exact else x
        if how == "hub" and size is not None:  # torch calls this again from inside interpolate, with the scale
            scale = [(n + 0.1) / g for n, g in zip(size, x.shape[2:], strict=True)]
            y = interpolate(x, scale_factor=scale, mode="bicubic", antialias=False)
            assert y.shape[2:] == torch.Size(size)
            return y
        return interpolate(x, size=size, **kwargs)
    return resized


positions.exact = True


class Rotations(nn.Module):
    """DINOv3's rotations in the images' dtype: the angles of a patch's row and column over 16 periods."""

    def __init__(self, patch, per_head):
        super().__init__()
        self.patch, self.per_head = patch, per_head

    def forward(self, x):
        n, d = x.shape[2] // self.patch, self.per_head
        at = 2 * (torch.arange(n, dtype=torch.float64) + 0.5) / n - 1
        period = 100 ** (torch.arange(d // 4, dtype=torch.float64) * 4 / d)
        angle = 2 * math.pi * at[:, None] / period
        both = torch.cat([angle[:, None].expand(n, n, -1), angle[None].expand(n, n, -1)], -1).reshape(n * n, -1).tile(2)
        return both.cos().to(x.dtype), both.sin().to(x.dtype)


@contextlib.contextmanager
def interpolating(how):
    before, F.interpolate = F.interpolate, positions(how)
    yield
    F.interpolate = before


def images(size):
    """Normal-sized numbers for pixels."""
    return parameter(f"images{size}.cls_token", (IMAGES, 3, size, size))


def alike(case, t, exact, x, how):
    """The network as its library runs it gives the same."""
    positions.exact = False
    with torch.no_grad(), interpolating(how):
        a = tokens(t, t.net, x)
        if t.kind != "clip":  # whose last_hidden_state is not normed
            assert torch.equal(a[1], a[3])
    positions.exact = True
    with torch.no_grad(), interpolating(how):
        b = tokens(t, exact, x)
    for got, want in zip([*a[0], a[1]], [*b[0], b[1]], strict=True):
        off = (got - want).abs().max() / want.abs().max()
        assert off <= ALIKE, f"{case}: {off:.2g} from the library's"


def compute(out, case, t, size, how="hf"):
    exact = copy.deepcopy(t.net)
    if t.kind == "dinov3":
        exact.rope_embeddings = Rotations(t.net.config.patch_size, SMALL.dim // SMALL.heads)
    x = images(size)
    alike(case, t, exact, x, how)

    def run(dtype, order):
        positions.exact = dtype == torch.float64
        net = copy.deepcopy(exact).to(dtype)
        with interpolating(how):
            states, normed, head, _ = tokens(t, net, x.to(dtype))
        loss = (normed * parameter("dtokens.cls_token", normed.shape).to(dtype)).sum()
        if head is not None:
            loss = loss + (head * parameter("dhead.cls_token", head.shape).to(dtype)).sum()
        loss.backward()
        results = {f"state{i}": s.detach() for i, s in enumerate(states)} | {"tokens": normed.detach()}
        if head is not None:
            results["head"] = head.detach()
        grads = t.together({name: p.grad for name, p in net.named_parameters()})
        return results | {"grad/" + name: g for name, g in grads.items()}

    settle(out, case, run, network_error({}))


def sizes(n, patch, grid=0):
    """The numbers that all configurations of transformers have."""
    patch = n.patch or patch
    return {"hidden_size": n.dim, "num_hidden_layers": n.depth, "num_attention_heads": n.heads, "intermediate_size": n.mlp,
            "patch_size": patch, "image_size": patch * (grid or 14), "attn_implementation": "sdpa"}


BOTH = ("attn_pool.q.weight", "attn_pool.q.bias", "attn_pool.kv.weight", "attn_pool.kv.bias", "attn_pool.latent")
POOL = (*BOTH, *(f"attn_pool.{m}.{last}" for m in ("proj", "norm", "mlp.fc1", "mlp.fc2") for last in ("weight", "bias")))


def vit(grid, n=SMALL):
    net = hf.ViTModel(hf.ViTConfig(layer_norm_eps=1e-6, **sizes(n, 16, grid)), add_pooling_layer=False)
    return Transformer("vit", net, lambda m: m.layernorm, lambda m: m.layers)


def dinov2(grid, registers=0, gated=False, n=SMALL):
    numbers = sizes(n, 14, grid) | {"use_swiglu_ffn": gated, "mlp_ratio": n.mlp // n.dim}
    if registers:
        net = hf.Dinov2WithRegistersModel(hf.Dinov2WithRegistersConfig(num_register_tokens=registers, **numbers))
    else:
        net = hf.Dinov2Model(hf.Dinov2Config(**numbers))
    return Transformer("dinov2", net, lambda m: m.layernorm, lambda m: m.encoder.layer, gated, registers)


def dinov3(gated=False, n=SMALL):
    net = hf.DINOv3ViTModel(hf.DINOv3ViTConfig(
        num_register_tokens=4, use_gated_mlp=gated, hidden_act="silu" if gated else "gelu", **sizes(n, 16)))
    return Transformer("dinov3", net, lambda m: m.norm, lambda m: m.model.layer, gated, 4)


def clip(grid, act, n=SMALL):
    net = hf.CLIPVisionModelWithProjection(hf.CLIPVisionConfig(projection_dim=n.out, hidden_act=act, **sizes(n, 32, grid)))
    return Transformer("clip", net, lambda m: m.vision_model.post_layernorm, lambda m: m.vision_model.encoder.layers, head=["head.weight"])


def siglip(grid, n=SMALL):
    net = hf.SiglipVisionModel(hf.SiglipVisionConfig(**sizes(n, 16, grid)))
    return Transformer("siglip", net, lambda m: m.post_layernorm, lambda m: m.encoder.layers, head=POOL)


def timm_sizes(n, patch, grid, more):
    patch = n.patch or patch
    return {"patch_size": patch, "img_size": patch * grid, "embed_dim": n.dim, "depth": n.depth, "num_heads": n.heads,
            "mlp_ratio": n.mlp / n.dim, "num_classes": 0, "dynamic_img_size": True, "norm_layer": norm(1e-6)} | more


def norm(eps):
    return functools.partial(nn.LayerNorm, eps=eps)


def timm_vit(kind, patch, grid, head=(), registers=0, n=SMALL, **more):
    return Timm(kind, timm.models.vision_transformer.VisionTransformer(**timm_sizes(n, patch, grid, more)), head, registers=registers)


def timm_dinov3(gated, n=SMALL, **more):
    rotated = {"init_values": 1.0, "rope_type": "dinov3", "rope_temperature": 100, "rope_rotate_half": True, "use_rot_pos_emb": True,
               "use_abs_pos_emb": False, "num_reg_tokens": 4, "use_fc_norm": False, "swiglu_mlp": gated, "swiglu_align_to": 8,
               "norm_layer": norm(1e-5)} | more
    return Timm("dinov3", timm.models.eva.Eva(**timm_sizes(n, 16, 4, rotated)), gated=gated, registers=4, bias=more["qkv_bias"])


def cases():
    """Name, network, image size and resizing of positions; the Go tests have the same table."""
    return [
        ("vit", vit(3), 48, "hf"), ("vit_resized", vit(3), 64, "hf"), ("vit_timm", timm_vit("vit", 16, 3), 64, "timm"),
        ("dinov2", dinov2(3), 42, "hf"), ("dinov2_resized", dinov2(4), 42, "hf"), ("dinov2_hub", dinov2(4), 42, "hub"),
        ("dinov2_timm", timm_vit("dinov2", 14, 4, init_values=1.0), 42, "timm"),
        ("dinov2_gated", dinov2(2, gated=True), 28, "hf"), ("dinov2_reg4", dinov2(4, 4), 42, "hf"),
        ("dinov3", dinov3(), 48, "hf"), ("dinov3_gated", dinov3(True), 64, "hf"),
        ("clip_quick", clip(2, "quick_gelu"), 64, "hf"), ("clip_resized", clip(2, "gelu"), 96, "hf"),
        ("siglip", siglip(3), 48, "hf"), ("siglip_resized", siglip(2), 48, "hf"),
    ]


QUICK = {"pre_norm": True, "act_layer": timm.layers.QuickGELU, "norm_layer": norm(1e-5), "global_pool": "token"}
POOLED = {"class_token": False, "global_pool": "map", "act_layer": "gelu_tanh"}


def same():
    """Pairs of networks of transformers and timm that are the same: with the images' size, at which no positions are resized."""
    return [
        ("vit", vit(3), timm_vit("vit", 16, 3), 48), ("dinov2", dinov2(3), timm_vit("dinov2", 14, 3, init_values=1.0), 42),
        ("dinov3", dinov3(), timm_dinov3(False, qkv_bias=True), 80), ("dinov3_gated", dinov3(True), timm_dinov3(True, qkv_bias=True), 64),
        ("clip_quick", clip(2, "quick_gelu"), timm_vit("clip", 32, 2, ["head.weight"], num_classes=SMALL.out, **QUICK), 64),
        ("siglip", siglip(3), timm_vit("siglip", 16, 3, POOL, **POOLED), 48),
    ]


def libraries_agree():
    """timm and transformers give the same for the same parameters, so that a mistake in the tables of names above would show."""
    for case, a, b, size in same():
        with torch.no_grad():
            if hasattr(b.net, "head") and hasattr(b.net.head, "bias"):
                b.net.head.bias.zero_()
            left, right = tokens(a, a.net, images(size)), tokens(b, b.net, images(size))
        for got, want in zip([*left[0], left[1], left[2]], [*right[0], right[1], right[2]], strict=True):
            if want is not None:
                off = (got - want).abs().max() / want.abs().max()
                assert off <= ALIKE, f"{case}: timm is {off:.2g} from transformers"
        print(f"{case}: timm and transformers agree")


def transformers():
    hf.logging.set_verbosity_error()
    libraries_agree()
    out = Goldens()
    for case, t, size, how in cases():
        compute(out, case, t, size, how)
    return out
