#!/usr/bin/env python3
"""Writes testdata/weights/transformers.safetensors: tiny transformers under the names that published files have, and their features.

    pip install torch==2.8.0 torchvision==0.23.0 timm==1.0.31 transformers==5.23.0 && python scripts/test_transformers.py

Tensors are called FAMILY/SCHEME/NAME, in a type that holds them exactly; features, of two images, FAMILY/features.  transformers' names on
disk are what save_pretrained wrote, those in memory state_dict's; timm's are its own, and loaded into it once more.  Meta's and OpenCLIP's
are written here, as their repositories have them.
"""
import pathlib
import sys
import tempfile

import torch
import transformers as hf
from safetensors.torch import load_file, save_file

sys.dont_write_bytecode = True  # no __pycache__ beside the scripts
import goldens_transformers as g

OUT = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "weights" / "transformers.safetensors"
TINY = g.Numbers(dim=8, depth=2, heads=2, mlp=16, out=5, patch=4)
GRID = 3


def halved(t):
    """The network with weights that float16 holds exactly."""
    with torch.no_grad():
        for p in t.net.parameters():
            p.copy_(p.half())
    return t


def features(t):
    """What the family publishes as an image's feature."""
    with torch.no_grad():
        states, normed, head, _ = g.tokens(t, t.net, g.images(TINY.patch * GRID))
    return normed[:, 0] if head is None else head


def on_disk(net):
    with tempfile.TemporaryDirectory() as folder:
        net.save_pretrained(folder)
        return load_file(folder + "/model.safetensors")


def same_in_timm(t, timm, tensors):
    """timm takes the tensors as they are, and gives the same features."""
    timm.net.load_state_dict({k: v.double() for k, v in tensors.items()}, strict=True)
    off = (features(timm) - features(t)).abs().max() / features(t).abs().max()
    assert off < 1e-5, f"timm's features of {t.kind} are {off:.2g} off"
    return tensors


def prefixed(prefix, tensors):
    return {prefix + k: v for k, v in tensors.items()}


def renamed(tensors, *pairs):
    out = {}
    for k, v in tensors.items():
        for old, new in pairs:
            k = k.replace(old, new)
        out[k] = v
    return out


def chunked(tensors):
    """DINOv2's training keeps its blocks in chunks, here of one block."""
    return {"blocks." + k.split(".")[1] + k[6:] if k.startswith("blocks.") else k: v for k, v in tensors.items()}


MASK = {"mask_token": torch.ones(1, TINY.dim)}


def text_tower(full):
    """The tensors beside an image tower in a whole CLIP or SigLIP of transformers."""
    return {k: v for k, v in on_disk(full).items() if not k.startswith(("vision_model.", "visual_projection"))}


TEXT = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 4, "vocab_size": 3,
        "max_position_embeddings": 2, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
OPEN_TEXT = {"positional_embedding": torch.ones(2, 4), "text_projection": torch.ones(4, 5), "logit_scale": torch.ones(()),
             "token_embedding.weight": torch.ones(3, 4), "transformer.resblocks.0.ln_1.weight": torch.ones(4),
             "ln_final.weight": torch.ones(4)}


def vit():
    t = halved(g.vit(GRID, TINY))
    own = t.together(t.net.state_dict())
    return t, {
        "disk": prefixed("vit.", on_disk(t.net)) | {"classifier.weight": torch.ones(2, TINY.dim)}, "memory": t.net.state_dict(),
        "timm": same_in_timm(t, g.timm_vit("vit", 16, GRID, n=TINY), own), "dino": prefixed("module.backbone.", own),
    }


def dinov2():
    t = halved(g.dinov2(GRID, n=TINY))
    own = t.together(t.net.state_dict())
    return t, {
        "disk": on_disk(t.net), "memory": t.net.state_dict(),
        "timm": same_in_timm(t, g.timm_vit("dinov2", 14, GRID, n=TINY, init_values=1.0), own), "meta": own | MASK,
        "training": prefixed("teacher.backbone.", chunked(own | MASK)),
    }


def dinov2_reg4():
    t = halved(g.dinov2(GRID, 4, n=TINY))
    own = t.together(t.net.state_dict())
    class_position, positions = own["pos_embed"].split([1, GRID * GRID], 1)
    folded = own | {"cls_token": own["cls_token"] + class_position, "pos_embed": positions}
    like = g.timm_vit("dinov2", 14, GRID, registers=4, n=TINY, init_values=1.0, reg_tokens=4, no_embed_class=True)
    return t, {"disk": on_disk(t.net), "timm": same_in_timm(t, like, folded), "meta": renamed(own | MASK, ("reg_token", "register_tokens"))}


def packed(own):
    """The gate and what it acts on as one matrix."""
    out = {k: v for k, v in own.items() if "fc1_" not in k}
    for k in own:
        if "fc1_g" in k:
            out[k.replace("fc1_g", "w12")] = torch.cat([own[k], own[k.replace("fc1_g", "fc1_x")]])
    return out


def dinov2_gated():
    t = halved(g.dinov2(GRID, gated=True, n=TINY))
    own = packed(t.together(t.net.state_dict()))
    return t, {"disk": on_disk(t.net), "memory": t.net.state_dict(), "meta": renamed(own, ("mlp.fc2", "mlp.w3")),
               "timm": renamed(own, ("mlp.w12", "mlp.fc1"))}


def dinov3(gated=False):
    t = g.dinov3(gated, TINY)
    halved(t)
    own = t.together(t.net.state_dict())
    like = g.timm_dinov3(gated, TINY, qkv_bias=True, mlp_ratio=TINY.mlp / TINY.dim)
    meta = {k: v for k, v in own.items() if not k.endswith(("q_bias", "v_bias"))}
    for n in range(TINY.depth):
        b, zero, one = f"blocks.{n}.attn.", torch.zeros(TINY.dim), torch.ones(TINY.dim)
        meta[b + "qkv.bias"] = torch.cat([own[b + "q_bias"], one, own[b + "v_bias"]])  # of the keys: masked
        meta[b + "qkv.bias_mask"] = torch.cat([one, zero, one])
    meta = renamed(meta | MASK, ("gamma_1", "ls1.gamma"), ("gamma_2", "ls2.gamma"), ("reg_token", "storage_tokens"), ("fc1_g", "w1"),
                   ("fc1_x", "w2"), *[("fc2", "w3")] * gated)
    return t, {"disk": on_disk(t.net), "memory": prefixed("model.", t.net.state_dict()), "timm": same_in_timm(t, like, own),
               "meta": meta | {"rope_embed.periods": torch.ones(2), "local_cls_norm.weight": torch.ones(TINY.dim)}}


def dinov3_unbiased():
    """As published: all biases of q and v are 0, and timm leaves them out."""
    t = g.dinov3(False, TINY)
    with torch.no_grad():
        for k, p in t.net.named_parameters():
            if k.endswith(("q_proj.bias", "v_proj.bias")):
                p.zero_()
    own = {k: v for k, v in halved(t).together(t.net.state_dict()).items() if not k.endswith(("q_bias", "v_bias"))}
    like = g.timm_dinov3(False, TINY, qkv_bias=False)
    return t, {"timm": same_in_timm(t, like, own), "disk": on_disk(t.net)}


def clip():
    t = halved(g.clip(GRID, "quick_gelu", TINY))
    own, disk = t.together(t.net.state_dict()), on_disk(t.net)
    like = g.timm_vit("clip", 32, GRID, ["head.weight"], n=TINY, num_classes=TINY.out, **g.QUICK)
    full = hf.CLIPModel(hf.CLIPConfig(text_config=TEXT, vision_config=t.net.config.to_dict(), projection_dim=TINY.out))
    assert set(disk) <= set(full.state_dict())
    opened = {"proj" if k == "head.weight" else k: v.T if k == "head.weight" else v for k, v in own.items()}
    opened = {k: v.reshape(-1, TINY.dim) if k == "pos_embed" else v.flatten() if k == "cls_token" else v for k, v in opened.items()}
    opened = renamed(opened, ("patch_embed.proj", "conv1"), ("cls_token", "class_embedding"), ("pos_embed", "positional_embedding"),
                     ("norm_pre", "ln_pre"), ("blocks.", "transformer.resblocks."), ("norm1", "ln_1"), ("norm2", "ln_2"),
                     ("attn.qkv.", "attn.in_proj_"), ("attn.proj", "attn.out_proj"), ("fc1", "c_fc"), ("fc2", "c_proj"))
    opened = {"ln_post" + k[4:] if k.startswith("norm.") else k: v for k, v in opened.items()}
    return t, {"disk": disk | text_tower(full), "vision": {k: v for k, v in disk.items()},
               "timm": same_in_timm(t, like, own | {"head.bias": torch.zeros(TINY.out)}),
               "openclip": prefixed("visual.", opened) | OPEN_TEXT,
               "module": prefixed("module.visual.", opened) | prefixed("module.", OPEN_TEXT)}


def siglip():
    t = halved(g.siglip(GRID, TINY))
    own, disk = t.together(t.net.state_dict()), on_disk(t.net)
    like = g.timm_vit("siglip", 16, GRID, g.POOL, n=TINY, **g.POOLED)
    full = hf.SiglipModel(hf.SiglipConfig(text_config=TEXT | {"projection_size": TINY.dim}, vision_config=t.net.config.to_dict()))
    assert {"vision_model." + k for k in disk} <= set(full.state_dict())
    return t, {"disk": prefixed("vision_model.", disk) | text_tower(full), "vision": disk, "timm": same_in_timm(t, like, own),
               "openclip": prefixed("visual.trunk.", own) | prefixed("text.", OPEN_TEXT)}


def smallest(v):
    """In float16 where that is exact; the sum of a class token and its position needs float32."""
    return (v.half() if torch.equal(v.half().double(), v.double()) else v.float()).contiguous()


def main():
    hf.logging.set_verbosity_error()
    torch.manual_seed(1)
    out = {}
    for name, make in {"vit": vit, "dinov2": dinov2, "dinov2_reg4": dinov2_reg4, "dinov2_gated": dinov2_gated, "dinov3": dinov3,
                       "dinov3_gated": lambda: dinov3(True), "dinov3_unbiased": dinov3_unbiased, "clip": clip, "siglip": siglip}.items():
        t, files = make()
        out[f"{name}/features"] = features(t).float()
        for scheme, tensors in files.items():
            out |= {f"{name}/{scheme}/{k}": smallest(v.detach()) for k, v in tensors.items()}
    save_file({k: v.clone() for k, v in sorted(out.items())}, OUT)
    OUT.chmod(0o644)
    print(f"{len(out)} tensors, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
