"""Tiny models of transformers with random weights whose outputs depend on every part, for test_hub.py and check_hub.py.

With the usual small random weights attention is nearly uniform, and an output says little: a wrong position embedding would pass.  Here
logits of attention have about unit variance, positions and tokens the size of patches, and layer scales 0.3 to 0.6.
"""
import torch
import transformers as hf

IMAGENET = dict(image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])
HALF = dict(image_mean=[0.5] * 3, image_std=[0.5] * 3)


def square(side):
    return {"height": side, "width": side}


def sizes(width, depth, heads):
    return dict(hidden_size=width, num_hidden_layers=depth, num_attention_heads=heads)


def learned(side, patch):
    """The side of images that positions are learned for: 518 pixels for images of 224, as in DINOv2; one patch less for small ones."""
    return 37 * patch if side >= 224 else side - patch


def dinov2(width, depth, heads, side, patch):
    """Positions of another grid than the image's."""
    config = hf.Dinov2Config(**sizes(width, depth, heads), image_size=learned(side, patch), patch_size=patch)
    crop = dict(size={"shortest_edge": side * 8 // 7}, crop_size=square(side), resample=3, **IMAGENET)
    return hf.Dinov2Model(config), hf.BitImageProcessorPil(**crop)


def dinov2_with_registers(width, depth, heads, side, patch):
    config = hf.Dinov2WithRegistersConfig(**sizes(width, depth, heads), image_size=learned(side, patch), patch_size=patch,
                                           use_swiglu_ffn=True)
    crop = dict(size={"shortest_edge": side * 8 // 7}, crop_size=square(side), resample=3, **IMAGENET)
    return hf.Dinov2WithRegistersModel(config), hf.BitImageProcessorPil(**crop)


def dinov3(width, depth, heads, side, patch):
    config = hf.DINOv3ViTConfig(**sizes(width, depth, heads), intermediate_size=4 * width, num_register_tokens=4, patch_size=patch)
    return hf.DINOv3ViTModel(config), hf.ViTImageProcessorPil(size=square(side), resample=2, **IMAGENET)


def clip(width, depth, heads, side, patch):
    """Both towers; the text's is not used."""
    towers = dict(**sizes(width, depth, heads), intermediate_size=2 * width)
    config = hf.CLIPConfig(vision_config=dict(**towers, image_size=side, patch_size=patch),
                           text_config=dict(**towers, vocab_size=40, max_position_embeddings=8), projection_dim=width * 3 // 4)
    return hf.CLIPModel(config), hf.CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size=square(side))


def clip_vision(width, depth, heads, side, patch):
    config = hf.CLIPVisionConfig(**sizes(width, depth, heads), intermediate_size=4 * width, image_size=side, patch_size=patch,
                                 projection_dim=width // 2, hidden_act="gelu")
    return hf.CLIPVisionModelWithProjection(config), hf.CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size=square(side))


def siglip(width, depth, heads, side, patch):
    config = hf.SiglipVisionConfig(**sizes(width, depth, heads), intermediate_size=4 * width, image_size=side, patch_size=patch)
    return hf.SiglipVisionModel(config), hf.SiglipImageProcessorPil(size=square(side), resample=3, **HALF)


def vit(width, depth, heads, side, patch):
    config = hf.ViTConfig(**sizes(width, depth, heads), intermediate_size=4 * width, image_size=side, patch_size=patch)
    return hf.ViTModel(config, add_pooling_layer=False), hf.ViTImageProcessorPil(size=square(side), resample=2, **HALF)


MODELS = {f.__name__: f for f in (dinov2, dinov2_with_registers, dinov3, clip, clip_vision, siglip, vit)}


def fill(model, seed):
    """Sets every parameter."""
    draw = torch.Generator().manual_seed(seed)
    width = next(p.shape[0] for n, p in model.named_parameters() if "patch_embedding" in n)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            normal = torch.randn(p.shape, generator=draw)
            if "lambda1" in name:
                p.copy_(0.3 + 0.3 * torch.rand(p.shape, generator=draw))
            elif "norm" in name and name.endswith("weight"):
                p.copy_(1 + 0.2 * normal)
            elif name.endswith("bias"):
                p.copy_(0.1 * normal)
            elif "token" in name or "position" in name or "class_embedding" in name or "probe" in name:
                p.copy_(normal)
            elif p.dim() == 0:
                p.fill_(1.5)
            elif p.dim() == 4:
                p.copy_(normal / p[0].numel() ** 0.5)
            else:
                p.copy_(normal * (1.5 if "q_proj" in name or "k_proj" in name or "in_proj" in name else 1) / p.shape[-1] ** 0.5)
    return width


def pooled(model, pixels):
    """The published feature [N,C]: the projected class token of CLIP, SigLIP's pooled head, or the class token."""
    with torch.no_grad():
        if isinstance(model, hf.CLIPModel):
            out = model.get_image_features(pixels)
            return out if torch.is_tensor(out) else out.pooler_output
        out = model(pixels)
        if isinstance(model, hf.CLIPVisionModelWithProjection):
            return out.image_embeds
        return out.pooler_output if isinstance(model, hf.SiglipVisionModel) else out.last_hidden_state[:, 0]
