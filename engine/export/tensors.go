package export

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/network"
	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// tensors are the parameters of the backbone by timm's names, and torch's counters of batches, which transformers misses.
func (m *timmModel) tensors(n *network.Network) ([]file.Tensor, error) {
	list := n.Tensors(true)
	for _, t := range slices.Clone(list) {
		if norm, ok := strings.CutSuffix(t.Name, ".running_mean"); ok {
			list = append(list, file.Tensor{Name: norm + ".num_batches_tracked", DType: "I64", Shape: []int{}, Data: make([]byte, 8)})
		}
	}
	if strings.HasPrefix(n.Backbone.Name, "efficientnet_lite") {
		return list, backbone.RenameLite(n.Backbone.Name, list)
	}
	if m.spec.Family == "" {
		return list, nil
	}
	list = slices.DeleteFunc(list, func(t file.Tensor) bool { return t.Name == "head.weight" })
	if m.spec.Family == "dinov2" && m.spec.SwiGLU {
		list = gatesJoined(list)
	}
	return list, m.resized(n, list)
}

// gatesJoined has the two halves of each gated MLP as one tensor, the gate first, as timm's networks of DINOv2 do.
func gatesJoined(list []file.Tensor) []file.Tensor {
	const gate, other = ".fc1_g.", ".fc1_x."
	at := map[string]int{}
	for i, t := range list {
		at[t.Name] = i
	}
	for i, t := range list {
		if strings.Contains(t.Name, gate) {
			x := list[at[strings.Replace(t.Name, gate, other, 1)]]
			t.Name, t.Shape = strings.Replace(t.Name, gate, ".fc1.", 1), slices.Clone(t.Shape)
			t.Shape[0] += x.Shape[0]
			t.Data = slices.Concat(t.Data, x.Data)
			list[i] = t
		}
	}
	return slices.DeleteFunc(list, func(t file.Tensor) bool { return strings.Contains(t.Name, other) })
}

// resized makes the positions those of the network's size of images. In timm's networks with registers the class token holds its own.
func (m *timmModel) resized(n *network.Network, list []file.Tensor) error {
	at := slices.IndexFunc(list, func(t file.Tensor) bool { return t.Name == "pos_embed" })
	if at < 0 {
		return nil
	}
	all, err := list[at].Float32s()
	if err != nil {
		return err
	}
	d, grid := m.spec.Dim, n.Positions()
	own := all[:len(all)-m.spec.Grid*m.spec.Grid*d] // of the class token; none in SigLIP
	if m.spec.Registers > 0 {
		class := slices.IndexFunc(list, func(t file.Tensor) bool { return t.Name == "cls_token" })
		token, err := list[class].Float32s()
		if err != nil {
			return err
		}
		for i, v := range own {
			token[i] += v
		}
		list[class] = file.FromFloat32("cls_token", token, 1, 1, d)
		own = nil
	}
	values := append(slices.Clone(own), grid...)
	list[at] = file.FromFloat32("pos_embed", values, 1, len(values)/d, d)
	return nil
}

// dense is a linear layer [out,in].
type dense struct {
	weight, bias []float32
	out, in      int
}

// layers are the linear layers behind timm's features, each followed by a normalisation but for --layer pooled: the projection of the
// network's own head is part of the embedding layer, as the whitening that it starts with is; a final whitening is one of its own.
func (m *timmModel) layers(n *network.Network, layer string) ([]dense, error) {
	f := file.Weights{Tensors: n.Tensors(false)}
	var list []dense
	if m.head {
		d, err := readDense(&f, "head")
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	if layer == "pooled" {
		if m.halved {
			list = append(list, identity(m.features).doubled())
		}
		return list, nil
	}
	d, err := readDense(&f, "embedding")
	if err != nil {
		return nil, err
	}
	if m.head {
		d = d.after(list[0])
	}
	if m.halved {
		d = d.doubled()
	}
	list = []dense{d}
	if n.Whitens {
		if d, err = readDense(&f, "whiten"); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func readDense(f *file.Weights, name string) (d dense, err error) {
	w, ok := f.Get(name + ".weight")
	if !ok {
		return d, baddata.Errorf("the network has no %s.weight", name)
	}
	d.out, d.in = w.Shape[0], w.Shape[1]
	if d.weight, err = w.Float32s(); err != nil {
		return d, err
	}
	d.bias = make([]float32, d.out)
	if b, ok := f.Get(name + ".bias"); ok {
		d.bias, err = b.Float32s()
	}
	return d, err
}

// identity gives what it takes.
func identity(n int) dense {
	d := dense{weight: make([]float32, n*n), bias: make([]float32, n), out: n, in: n}
	for i := range n {
		d.weight[i*n+i] = 1
	}
	return d
}

// doubled is d of twice its input.
func (d dense) doubled() dense {
	d.weight = slices.Clone(d.weight)
	for i := range d.weight {
		d.weight[i] *= 2
	}
	return d
}

// after is d behind first, as one layer. Sums are in float64.
func (d dense) after(first dense) dense {
	both := dense{weight: make([]float32, d.out*first.in), bias: make([]float32, d.out), out: d.out, in: first.in}
	for o := range d.out {
		row, shift := make([]float64, first.in), float64(d.bias[o])
		for k := range d.in {
			w := float64(d.weight[o*d.in+k])
			shift += w * float64(first.bias[k])
			for i := range row {
				row[i] += w * float64(first.weight[k*first.in+i])
			}
		}
		both.bias[o] = float32(shift)
		for i, v := range row {
			both.weight[o*first.in+i] = float32(v)
		}
	}
	return both
}

// tensors are those of sentence-transformers' Dense.
func (d dense) tensors() []file.Tensor {
	return []file.Tensor{file.FromFloat32("linear.weight", d.weight, d.out, d.in), file.FromFloat32("linear.bias", d.bias, d.out)}
}

// config is its config.json.
func (d dense) config() map[string]any {
	return map[string]any{
		"in_features": d.in, "out_features": d.out, "bias": true, "activation_function": "torch.nn.modules.linear.Identity",
	}
}

// folderOf is the name of module number i.
func folderOf(i int, kind string) string { return fmt.Sprintf("%d_%s", i, kind) }
