package published

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/models/backbone"
)

// spec decides which transformer the place holds.
func (p *place) spec(c Config) (backbone.Spec, error) {
	if shape := p.get("patch_embed.proj.weight").Shape; len(shape) != 4 || shape[2] != shape[3] {
		return backbone.Spec{}, fmt.Errorf("the patch embedding is %v, want [width channels patch patch]: networks for patches of any "+
			"grid, as SigLIP 2's NaFlex, are not read", shape)
	}
	family, err := p.family()
	if err != nil {
		return backbone.Spec{}, err
	}
	s := backbone.Usual(family)
	if c.Eps > 0 {
		s.Eps = c.Eps
	}
	s.Dim, s.Patch = p.get("patch_embed.proj.weight").Shape[0], p.get("patch_embed.proj.weight").Shape[2]
	for _, decide := range []func(*backbone.Spec, Config) error{p.blocks, p.tokens, p.positions, decideHeads, decideGELU} {
		if err := decide(&s, c); err != nil {
			return s, err
		}
	}
	return s, s.Check()
}

// family decides by the tensors that a family alone has.
func (p *place) family() (string, error) {
	scaled, learned := p.get("blocks.0.ls1.gamma") != nil, p.get("pos_embed") != nil
	switch {
	case p.get("norm_pre.weight") != nil:
		return "clip", nil
	case learned && p.get("attn_pool.latent") != nil:
		return "siglip", nil
	case p.get("cls_token") == nil:
		return "", unknown("a class token nor SigLIP's head (attn_pool)")
	case scaled && learned:
		return "dinov2", nil
	case scaled:
		return "dinov3", nil
	case learned:
		return "vit", nil
	}
	return "", unknown("learned positions (pos_embed) nor DINOv3's layer scales")
}

// unknown is the error for a transformer of no family.
func unknown(missing string) error {
	return fmt.Errorf("the transformer in the file is none of %s: it has neither %s", strings.Join(backbone.Families(), ", "), missing)
}

// blocks counts the blocks, and takes the MLP's width and kind from the first.
func (p *place) blocks(s *backbone.Spec, _ Config) error {
	for _, name := range p.names {
		if rest, ok := strings.CutPrefix(name, "blocks."); ok {
			number, _, _ := strings.Cut(rest, ".")
			if n, err := strconv.ParseUint(number, 10, 16); err == nil {
				s.Depth = max(s.Depth, int(n)+1)
			}
		}
	}
	out := p.get("blocks.0.mlp.fc2.weight")
	if out == nil || len(out.Shape) != 2 {
		return fmt.Errorf("the file holds no MLP of the first block (blocks.0.mlp.fc2.weight), from which its width would follow")
	}
	s.MLP = out.Shape[1]
	first := p.get("blocks.0.mlp.fc1.weight")
	packed := first != nil && len(first.Shape) == 2 && first.Shape[0] == 2*s.MLP
	if packed || p.get("blocks.0.mlp.w12.weight") != nil || p.get("blocks.0.mlp.fc1_g.weight") != nil {
		s.SwiGLU = true
	}
	return nil
}

// tokens counts the registers and takes the width of CLIP's projection.
func (p *place) tokens(s *backbone.Spec, _ Config) error {
	s.Registers = 0
	if t := p.get("reg_token"); t != nil && s.Dim > 0 {
		s.Registers = product(t.Shape) / s.Dim
	}
	s.Out = 0
	if s.Family != "clip" {
		return nil
	}
	if t := p.get("head.weight"); t != nil && len(t.Shape) == 2 {
		s.Out = t.Shape[0]
	}
	if t := p.get("proj"); t != nil && len(t.Shape) == 2 {
		s.Out = t.Shape[1]
	}
	return nil
}

// positions takes the side of the grid from the number of positions, of which one more may be the class token's.
func (p *place) positions(s *backbone.Spec, _ Config) error {
	t := p.get("pos_embed")
	if t == nil || s.Dim == 0 {
		return nil
	}
	n := product(t.Shape) / s.Dim
	for _, patches := range []int{n, n - 1} {
		if side := int(math.Round(math.Sqrt(float64(patches)))); side*side == patches && (patches == n || s.Family != "siglip") {
			s.Grid = side
			return nil
		}
	}
	return fmt.Errorf("the file has %d positions: neither a square grid nor one and a class token", n)
}

// product is the number of elements of a shape.
func product(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// headChannels are the channels of a head in all published networks but those of fewHeads.
const headChannels = 64

// fewHeads are the published networks whose heads have more channels: 16 heads at these widths.
var fewHeads = map[string][]int{
	"clip": {1280, 1408, 1664}, "siglip": {1152}, "vit": {1280, 1408, 1664},
}

func decideHeads(s *backbone.Spec, c Config) error {
	switch s.Heads = c.Heads; {
	case c.Heads != 0:
	case slices.Contains(fewHeads[s.Family], s.Dim):
		s.Heads = 16
	case s.Dim%headChannels != 0:
		return fmt.Errorf("how many heads %d channels have is not to be seen from the tensors: config.json says so (num_attention_heads), "+
			"or name the network with --backbone %s:...,heads=N", s.Dim, s.Family)
	default:
		s.Heads = s.Dim / headChannels
	}
	return nil
}

// activations are the GELUs by the names that transformers has for them.
var activations = map[string]string{
	"gelu": "erf", "gelu_python": "erf", "quick_gelu": "quick",
	"gelu_pytorch_tanh": "tanh", "gelu_new": "tanh", "gelu_fast": "tanh", "gelu_accurate": "tanh",
}

func decideGELU(s *backbone.Spec, c Config) error {
	if s.SwiGLU {
		s.GELU = ""
		return nil
	}
	if c.Activation != "" {
		if s.GELU = activations[c.Activation]; s.GELU == "" {
			return fmt.Errorf("config.json says hidden_act %.40q, which is not a GELU that is known", c.Activation)
		}
		return nil
	}
	if s.GELU != "" {
		return nil
	}
	exact, quick := *s, *s
	exact.GELU, quick.GELU = "erf", "quick"
	return fmt.Errorf("a CLIP's tensors do not show which GELU it has: config.json says so (hidden_act), or name the network: "+
		"--backbone %s for OpenAI's weights and those trained in their way, --backbone %s for most of OpenCLIP's",
		quick.Name(), exact.Name())
}
