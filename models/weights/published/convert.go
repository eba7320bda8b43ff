package published

import (
	"fmt"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// conversion makes a place's tensors those of the network of spec.
type conversion struct {
	spec  backbone.Spec
	place *place
}

func (c conversion) run() error {
	for _, step := range []func() error{c.forget, c.tokens, c.positions, c.projection, c.pooling} {
		if err := step(); err != nil {
			return err
		}
	}
	for n := range c.spec.Depth {
		block := fmt.Sprintf("blocks.%d.", n)
		for _, step := range []func(block string) error{c.attention, c.keys, c.gate} {
			if err := step(block); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget leaves out what evaluation does not use: the token of masked patches, rotations (rounded to bfloat16 by Meta; they are
// computed), and the norm that DINOv3 has for small crops.
func (c conversion) forget() error {
	for _, name := range []string{"mask_token", "rope_embed.periods", "local_cls_norm.weight", "local_cls_norm.bias"} {
		c.place.take(name)
	}
	return nil
}

// tokens gives tokens and positions three axes, [1, number, width].
func (c conversion) tokens() error {
	for _, name := range []string{"cls_token", "reg_token", "pos_embed", "attn_pool.latent"} {
		if t := c.place.get(name); t != nil && len(t.Shape) < 3 {
			shape := []int{1, 1, 1}
			copy(shape[3-len(t.Shape):], t.Shape)
			t.Shape = shape
		}
	}
	return nil
}

// positions adds one of 0 for the class token where a file has only the patches': there, as in timm's DINOv2 with registers, the token
// holds its position already.
func (c conversion) positions() error {
	t := c.place.get("pos_embed")
	g := c.spec.Grid
	if t == nil || c.spec.Family == "siglip" || len(t.Shape) != 3 || t.Shape[1] != g*g {
		return nil
	}
	rows := *t
	rows.Shape = t.Shape[1:]
	joined, err := stack(zeros(&rows, 1, rows.Shape[1]), &rows)
	if err != nil {
		return err
	}
	joined.Shape = append([]int{1}, joined.Shape...)
	c.place.put("pos_embed", joined)
	return nil
}

// projection makes CLIP's head of OpenCLIP's transposed matrix, and leaves out timm's bias, which is 0 unless the head is a classifier.
func (c conversion) projection() error {
	p := c.place
	if c.spec.Family != "clip" {
		return nil
	}
	if t := p.take("proj"); t != nil {
		turned, err := transposed(t)
		if err != nil {
			return err
		}
		p.put("head.weight", turned)
	}
	bias := p.take("head.bias")
	if c.spec.Out == 0 {
		p.take("head.weight")
		return nil
	}
	if bias != nil && !zero(bias) {
		s := c.spec
		s.Out = 0
		return fmt.Errorf("%shead.bias is not 0: the head is a classifier and not CLIP's projection; --backbone %s leaves it out",
			p.beginning, s.Name())
	}
	return nil
}

// pooling splits the projection of SigLIP's head as timm does: the latent's query, and key and value of the tokens.
func (c conversion) pooling() error {
	for _, last := range []string{"weight", "bias"} {
		t := c.place.take("attn_pool.qkv." + last)
		if t == nil {
			continue
		}
		d := c.spec.Dim
		q, err := rows(t, 0, d, 3*d)
		if err != nil {
			return err
		}
		kv, err := rows(t, d, 3*d, 3*d)
		if err != nil {
			return err
		}
		c.place.put("attn_pool.q."+last, q)
		c.place.put("attn_pool.kv."+last, kv)
	}
	return nil
}

// attention joins q, k and v.
func (c conversion) attention(block string) error {
	for _, last := range []string{"weight", "bias"} {
		if last == "bias" && c.spec.Family == "dinov3" {
			continue
		}
		var parts []*file.Tensor
		for _, part := range []string{"q", "k", "v"} {
			if t := c.place.take(block + "attn." + part + "." + last); t != nil {
				parts = append(parts, t)
			}
		}
		if len(parts) == 0 {
			continue
		}
		if len(parts) != 3 {
			return fmt.Errorf("%s%sattn has %d of the three of query, key and value (%s, ...)", c.place.beginning, block,
				len(parts), parts[0].Name)
		}
		joined, err := stack(parts...)
		if err != nil {
			return err
		}
		c.place.put(block+"attn.qkv."+last, joined)
	}
	return nil
}

// keys makes DINOv3's biases of q and v, of which Meta keeps one for k that a mask takes away, and timm none: all are 0 in the published
// weights.
func (c conversion) keys(block string) error {
	p, d := c.place, c.spec.Dim
	if c.spec.Family != "dinov3" {
		return nil
	}
	masked := p.take(block+"attn.qkv.bias_mask") != nil
	parts := map[string]*file.Tensor{}
	for _, part := range []string{"q", "k", "v"} {
		parts[part] = p.take(block + "attn." + part + ".bias")
	}
	if all := p.take(block + "attn.qkv.bias"); all != nil {
		for i, part := range []string{"q", "k", "v"} {
			var err error
			if parts[part], err = rows(all, i*d, (i+1)*d, 3*d); err != nil {
				return err
			}
		}
	}
	if k := parts["k"]; k != nil && !masked && !zero(k) {
		return fmt.Errorf("%s: DINOv3 has no bias of the keys", k.Name)
	}
	for _, part := range []string{"q", "v"} {
		name, weight := block+"attn."+part+"_bias", p.get(block+"attn.qkv.weight")
		switch {
		case parts[part] != nil:
			p.put(name, parts[part])
		case p.get(name) == nil && weight != nil:
			p.put(name, zeros(weight, d))
		}
	}
	return nil
}

// gate splits a packed first matrix of SwiGLU, whose first half is the gate.
func (c conversion) gate(block string) error {
	if !c.spec.SwiGLU {
		return nil
	}
	for _, last := range []string{"weight", "bias"} {
		t := c.place.take(block + "mlp.w12." + last)
		if t == nil {
			t = c.place.take(block + "mlp.fc1." + last)
		}
		if t == nil {
			continue
		}
		width := c.spec.MLP
		for i, part := range []string{"g", "x"} {
			half, err := rows(t, i*width, (i+1)*width, 2*width)
			if err != nil {
				return err
			}
			c.place.put(block+"mlp.fc1_"+part+"."+last, half)
		}
	}
	return nil
}
