package backbone

import (
	"strconv"
	"strings"
)

// blockLists are the names of the list of blocks in published files.
var blockLists = []string{
	"blocks.",                // timm, Meta
	"encoder.layer.",         // transformers: DINOv2, ViT
	"encoder.layers.",        // transformers: CLIP, SigLIP
	"layer.", "model.layer.", // transformers: DINOv3 on disk and in memory
	"layers.",                // transformers: ViT in memory
	"transformer.resblocks.", // OpenAI and OpenCLIP
}

// inBlock are the modules and parameters of a block by their names in published files. Tensors that are joined or split to become
// parameters have names of their own: attn.q, attn.k, attn.v, mlp.w12.
var inBlock = map[string]string{
	"ln_1": "norm1", "layer_norm1": "norm1", "layernorm_before": "norm1",
	"ln_2": "norm2", "layer_norm2": "norm2", "layernorm_after": "norm2",
	"attn.in_proj_weight": "attn.qkv.weight", "attn.in_proj_bias": "attn.qkv.bias",
	"attention.attention.query": "attn.q", "attention.q_proj": "attn.q", "self_attn.q_proj": "attn.q",
	"attention.attention.key": "attn.k", "attention.k_proj": "attn.k", "self_attn.k_proj": "attn.k",
	"attention.attention.value": "attn.v", "attention.v_proj": "attn.v", "self_attn.v_proj": "attn.v",
	"attn.out_proj": "attn.proj", "attention.output.dense": "attn.proj", "attention.o_proj": "attn.proj", "self_attn.out_proj": "attn.proj",
	"mlp.c_fc": "mlp.fc1", "intermediate.dense": "mlp.fc1",
	"mlp.c_proj": "mlp.fc2", "output.dense": "mlp.fc2", "mlp.down_proj": "mlp.fc2", "mlp.w3": "mlp.fc2", "mlp.weights_out": "mlp.fc2",
	"mlp.w1": "mlp.fc1_g", "mlp.gate_proj": "mlp.fc1_g", "mlp.w2": "mlp.fc1_x", "mlp.weights_in": "mlp.w12",
	"gamma_1": "ls1.gamma", "layer_scale1.lambda1": "ls1.gamma", "gamma_2": "ls2.gamma", "layer_scale2.lambda1": "ls2.gamma",
}

// aroundBlocks are the other modules and parameters in the same way.
var aroundBlocks = map[string]string{
	"embeddings.cls_token": "cls_token", "class_embedding": "cls_token", "embeddings.class_embedding": "cls_token",
	"embeddings.register_tokens": "reg_token", "register_tokens": "reg_token", "storage_tokens": "reg_token",
	"embeddings.mask_token": "mask_token", "positional_embedding": "pos_embed",
	"embeddings.position_embeddings": "pos_embed", "embeddings.position_embedding.weight": "pos_embed",
	"embeddings.patch_embeddings.projection": "patch_embed.proj", "embeddings.patch_embeddings": "patch_embed.proj",
	"embeddings.patch_embedding": "patch_embed.proj", "conv1": "patch_embed.proj",
	"pre_layrnorm": "norm_pre", "ln_pre": "norm_pre", // transformers writes it so
	"layernorm": "norm", "post_layernorm": "norm", "ln_post": "norm", "visual_projection": "head",
	"head.probe": "attn_pool.latent", "head.attention.out_proj": "attn_pool.proj", "head.layernorm": "attn_pool.norm",
	"head.mlp.fc1": "attn_pool.mlp.fc1", "head.mlp.fc2": "attn_pool.mlp.fc2",
	"head.attention.in_proj_weight": "attn_pool.qkv.weight", "head.attention.in_proj_bias": "attn_pool.qkv.bias",
}

// Rename gives the parameter's name, which is timm's, for the names that transformers, Meta, OpenAI and OpenCLIP have for the same
// tensor. A tensor that is only a part of a parameter, or more than one, gets a name that no parameter has; package published makes
// parameters of those. Other names are unchanged. The family decides only between ls1.gamma and gamma_1, and whether an up_proj is gated.
func (s Spec) Rename(name string) string {
	for _, list := range blockLists {
		if rest, ok := strings.CutPrefix(name, list); ok {
			if n, inner, ok := blockNumber(rest); ok {
				return "blocks." + n + "." + s.renameInBlock(inner)
			}
		}
	}
	return lookUp(aroundBlocks, name)
}

// blockNumber takes the block's number off n.NAME, or off c.n.NAME where DINOv2's training keeps its blocks in chunks; n then counts
// all blocks too.
func blockNumber(name string) (n, inner string, ok bool) {
	n, inner, ok = strings.Cut(name, ".")
	if _, err := strconv.ParseUint(n, 10, 16); err != nil || !ok {
		return "", "", false
	}
	if second, rest, ok := blockNumber(inner); ok {
		return second, rest, true
	}
	return n, inner, true
}

func (s Spec) renameInBlock(name string) string {
	name = lookUp(inBlock, name)
	if last, ok := strings.CutPrefix(name, "mlp.up_proj."); ok {
		if s.SwiGLU {
			return "mlp.fc1_x." + last
		}
		return "mlp.fc1." + last
	}
	if s.Family == dinoV3Name && (name == "ls1.gamma" || name == "ls2.gamma") {
		return "gamma_" + name[2:3]
	}
	return name
}

// lookUp looks a name up in table: all of it, or the module before its last word.
func lookUp(table map[string]string, name string) string {
	if to, ok := table[name]; ok {
		return to
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return name
	}
	if to, ok := table[name[:dot]]; ok {
		return to + name[dot:]
	}
	return name
}
