package network

import (
	"context"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// InitHead starts the embedding layer as the whitened PCA of the backbone's features on the training images, at
// the scale that the usual start has (docs/method.md, Whitening).
func (n *Network) InitHead(ctx context.Context, c *cache.Cache) error {
	f, err := n.Embed(ctx, c)
	if err != nil {
		return err
	}
	defer f.Free()
	if err := n.WantFinite(c, f.Pooled); err != nil {
		return err
	}
	weight := n.Store.Get(head.EmbeddingName + ".weight").Value
	bias := n.Store.Get(head.EmbeddingName + ".bias").Value
	length := whiten.MeanNorm(f.Pooled, weight, bias)
	t, err := whiten.Fit(f.Pooled, n.Config.Dim, n.Config.WhitenPower)
	if err != nil {
		return baddata.Errorf("--head-init whiten: %v; use --head-init random", err)
	}
	t.ScaleTo(f.Pooled, length)
	writeFirst(weight, t.Weight())
	writeFirst(bias, t.Bias())
	return nil
}

// FitWhitening adds the final linear layer, fitted on the embeddings of the training images.
func (n *Network) FitWhitening(ctx context.Context, c *cache.Cache) error {
	f, err := n.Embed(ctx, c)
	if err != nil {
		return err
	}
	defer f.Free()
	if err := n.WantFinite(c, f.Embedding); err != nil {
		return err
	}
	t, err := whiten.Fit(f.Embedding, n.Config.Dim, n.Config.FinalPower)
	if err != nil {
		return baddata.Errorf("--final-whiten: %v; use --final-whiten=false", err)
	}
	n.addWhitening(t.Dim())
	writeFirst(n.Store.Get(head.WhitenName+".weight").Value, t.Weight())
	writeFirst(n.Store.Get(head.WhitenName+".bias").Value, t.Bias())
	return nil
}

// writeFirst writes v to a's first elements, zeros to the rest.
func writeFirst(a *kernels.Array, v []float32) {
	all := make([]float32, a.Len())
	copy(all, v)
	kernels.Write(a, all)
}

// addWhitening makes room for a final linear layer to dim outputs.
func (n *Network) addWhitening(dim int) {
	s := layer.NewScope(tape.New(n.Device, kernels.Float32, false), n.Store)
	row := n.Device.New(kernels.Float32, 1, n.Config.Dim)
	defer row.Free()
	head.Whiten(s, s.Tape.Input(row), dim)
	n.Whitens = true
	n.forget()
}

// DropWhitening removes the final layer: it is derived from the finished embedding and never trained further.
func (n *Network) DropWhitening() {
	if n.Whitens {
		n.Store.Remove(head.WhitenName + ".weight")
		n.Store.Remove(head.WhitenName + ".bias")
		n.Whitens = false
		n.forget()
	}
}
