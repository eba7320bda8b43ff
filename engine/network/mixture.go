package network

import (
	"strings"

	"udml-gpu/kernels"
	"udml-gpu/models/head"
	"udml-gpu/models/tape"
)

// Values are copies on the host of the numbers of a network, by the names of its parameters and running statistics: of the backbone, the
// embedding layer and the final whitening, where there is one.
type Values struct {
	Numbers map[string][]float32
	of      version
}

// Values are those of the network as it is. It waits for the device.
func (n *Network) Values() Values {
	v := Values{map[string][]float32{}, n.version}
	for _, p := range n.Store.Params() {
		if ofNetwork(p) {
			v.Numbers[p.Name] = kernels.Read[float32](p.Value)
		}
	}
	return v
}

// ofNetwork says whether embedding an image reads p, and not only a method's loss.
func ofNetwork(p *tape.Param) bool {
	return p.Group == tape.Backbone || strings.HasPrefix(p.Name, head.EmbeddingName+".") || strings.HasPrefix(p.Name, head.WhitenName+".")
}

// Restore makes the network what it was when v was taken from it: features of then are its own again.
func (n *Network) Restore(v Values) {
	n.DropWhitening()
	if bias, ok := v.Numbers[head.WhitenName+".bias"]; ok {
		n.addWhitening(len(bias))
	}
	for _, p := range n.Store.Params() {
		if ofNetwork(p) {
			kernels.Write(p.Value, v.Numbers[p.Name])
		}
	}
	n.version.backbone, n.version.head = v.of.backbone, v.of.head
}

// Mix makes the backbone (1 - share) start + share end, number by number, its running statistics too (Wortsman et al., "Robust Fine-tuning
// of Zero-shot Models", CVPR 2022), and the embedding layer that of start, to be fitted (FitHead); there is no final whitening. Share 0 is
// start itself; with share 1 pooled features of when end was taken are the network's own again.
func (n *Network) Mix(start, end Values, share float64) {
	n.DropWhitening()
	for _, p := range n.Store.Params() {
		if !ofNetwork(p) {
			continue
		}
		v := start.Numbers[p.Name]
		if share > 0 && p.Group == tape.Backbone {
			v = between(v, end.Numbers[p.Name], share)
		}
		kernels.Write(p.Value, v)
	}
	n.Changed()
	if share == 1 {
		n.version.backbone = end.of.backbone
		n.changedHead()
	}
}

func between(a, b []float32, share float64) []float32 {
	if share == 1 {
		return b
	}
	out := make([]float32, len(a))
	for i := range a {
		out[i] = float32((1-share)*float64(a[i]) + share*float64(b[i]))
	}
	return out
}
