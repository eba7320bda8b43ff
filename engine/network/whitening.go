package network

import (
	"context"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/models/head"
)

// InitHead starts the embedding layer from the backbone's features on the images of c, by within-class whitening (--head-init within) or
// else as their whitened PCA, at the scale that the usual start has (docs/method.md, Whitening). f holds those features, or none, and holds
// them afterwards for the network as it then is.
func (n *Network) InitHead(ctx context.Context, c *cache.Cache, f *Features) error {
	if err := n.Renew(ctx, c, f); err != nil {
		return err
	}
	if err := n.WantFinite(c, f.Pooled); err != nil {
		return err
	}
	if n.Config.HeadInit == "within" {
		viewed := n.Viewed(c.Len())
		return n.FitWithin(ctx, f.Pooled, viewed, c, func(i int) int { return int(viewed[i]) })
	}
	return n.FitHead(f.Pooled)
}

// FitHead starts the embedding layer as the whitened PCA of pooled features [N,channels], which are finite. The error, for users, says why
// nothing can be fitted.
func (n *Network) FitHead(pooled *kernels.Array) error {
	t, err := whiten.Fit(pooled, n.Config.Dim, n.Config.WhitenPower)
	if err != nil {
		return baddata.Errorf("--head-init whiten: %v; use --head-init random", err)
	}
	n.note("--head-init whiten", t)
	n.startHead(t, pooled)
	return nil
}

// startHead makes t the embedding layer, at the scale that the layer has on pooled features.
func (n *Network) startHead(t *whiten.Transform, pooled *kernels.Array) {
	weight := n.Store.Get(head.EmbeddingName + ".weight").Value
	bias := n.Store.Get(head.EmbeddingName + ".bias").Value
	t.ScaleTo(pooled, whiten.MeanNorm(pooled, weight, bias))
	writeFirst(weight, t.Weight())
	writeFirst(bias, t.Bias())
	n.changedHead()
}

// FitWhitening adds the final linear layer, fitted on the embeddings of the images of c. f holds their features, or none, as
// with InitHead.
func (n *Network) FitWhitening(ctx context.Context, c *cache.Cache, f *Features) error {
	if err := n.Renew(ctx, c, f); err != nil {
		return err
	}
	if err := n.WantFinite(c, f.Embedding); err != nil {
		return err
	}
	t, err := whiten.Fit(f.Embedding, n.Config.Dim, n.Config.FinalPower)
	if err != nil {
		return baddata.Errorf("--final-whiten: %v; use --final-whiten=false", err)
	}
	n.note("--final-whiten", t)
	n.addWhitening(t.Dim())
	writeFirst(n.Store.Get(head.WhitenName+".weight").Value, t.Weight())
	writeFirst(n.Store.Get(head.WhitenName+".bias").Value, t.Bias())
	return nil
}

func (n *Network) note(setting string, t *whiten.Transform) {
	if text := t.Note(); text != "" {
		n.remark(setting + ": " + text)
	}
}

// remark tells the user, if somebody listens.
func (n *Network) remark(text string) {
	if n.Note != nil {
		n.Note(text)
	}
}

// writeFirst writes v to a's first elements, zeros to the rest.
func writeFirst(a *kernels.Array, v []float32) {
	all := make([]float32, a.Len())
	copy(all, v)
	kernels.Write(a, all)
}

// addWhitening makes room for a final linear layer to dim outputs.
func (n *Network) addWhitening(dim int) {
	s := n.scope()
	row := n.Device.New(kernels.Float32, 1, n.Config.Dim)
	defer row.Free()
	head.Whiten(s, s.Tape.Input(row), dim)
	n.Whitens = true
	n.changedHead()
	n.forget()
}

// DropWhitening removes the final layer: it is derived from the finished embedding and never trained further.
func (n *Network) DropWhitening() {
	if n.Whitens {
		n.Store.Remove(head.WhitenName + ".weight")
		n.Store.Remove(head.WhitenName + ".bias")
		n.Whitens = false
		n.changedHead()
		n.forget()
	}
}
