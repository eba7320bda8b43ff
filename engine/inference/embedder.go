package inference

import (
	"context"
	"sync"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// Embedder is an opened run, or a backbone, that embeds what it is given: sets of images, caches, single images. The same image has
// the same vector, byte for byte on a CPU, whichever way it comes and whatever comes with it. It owns its device and its network,
// until Close.
//
// Its methods may be called from several goroutines at once: one batch at a time goes through the network, and each caller waits for
// its turn, so that a single image waits for a batch of others and not for all of a set. Close is to be called alone, at the end.
type Embedder struct {
	request Request

	mu      sync.Mutex // guards what follows
	device  *kernels.Device
	network *network.Network
	fitted  *fitted
}

// fitted are the images that the embedding layer was fitted on, which need not go through the backbone again.
type fitted struct {
	set      *data.Set
	skipped  []data.Skip
	features network.Features
}

// Open opens the network of a request, on its device: that of the run's last checkpoint, or the backbone. It reads no images, except
// the training images where the embedding layer of a backbone is to be fitted on them (--head-init). Split means nothing to it.
func Open(ctx context.Context, q Request) (*Embedder, error) {
	e, err := open(q)
	if err != nil || !q.FitsHead() {
		return e, err
	}
	src, err := images.OpenSource(q.Config)
	if err == nil {
		defer src.Close()
		images.TellNotes(q.UI.Log, src)
		err = e.fitHead(ctx, src)
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	e.forgetFitted() // the caller's sets are others
	return e, nil
}

// Unfitted is Open without the fit, which is left to FitOn.
func Unfitted(q Request) (*Embedder, error) { return open(q) }

// open is Open without the fit.
func open(q Request) (*Embedder, error) {
	e, err := openDevice(q)
	if err != nil {
		return nil, err
	}
	if err := e.load(); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// begin opens the images of a request, and its network without the fit. The caller closes both.
func begin(q Request) (e *Embedder, from *taken, err error) {
	if e, err = openDevice(q); err != nil {
		return nil, nil, err
	}
	if from, err = q.take(); err == nil {
		if err = e.load(); err == nil {
			err = e.alike(from.Source)
		}
		if err != nil {
			from.Close()
		}
	}
	if err != nil {
		e.Close()
		return nil, nil, err
	}
	return e, from, nil
}

// openDevice is an embedder without a network.
func openDevice(q Request) (*Embedder, error) {
	if err := q.wantLayer(); err != nil {
		return nil, err
	}
	dev, err := machine.Open(q.Config, q.UI.Log)
	return &Embedder{request: q, device: dev}, err
}

// load makes the run's network, or that of the backbone with the embedding layer's usual start.
func (e *Embedder) load() (err error) {
	q, build := &e.request, network.New
	if q.Run != "" {
		build = network.Empty
	}
	if e.network, err = build(q.Config, e.device); err != nil {
		return err
	}
	e.network.Progress, e.network.Note = q.UI.Embedding, q.UI.Note
	if e.network.Group = q.Work.Group(); e.network.Group.Ranks() > 1 {
		e.network.Agree = q.Work.Poll
	}
	if q.Run == "" {
		if q.Leads() {
			e.network.Tell(q.UI.Log)
		}
		return nil
	}
	return e.network.LoadRun(q.Run, q.UI.Log)
}

// Dim is the number of columns of the vectors.
func (e *Embedder) Dim() int {
	if e.request.Layer == "pooled" {
		return e.network.Width()
	}
	return e.network.Dim()
}

// Close gives back the network, all memory, and the device.
func (e *Embedder) Close() {
	e.forgetFitted()
	if e.network != nil {
		e.network.Free()
	}
	e.device.Close()
}

func (e *Embedder) forgetFitted() {
	if e.fitted != nil {
		e.fitted.features.Free()
		e.fitted = nil
	}
}

// forward runs n images, at most network.EmbedBatch, that fill writes, through the network, and gives their rows [n,D] of the layer.
func (e *Embedder) forward(layer string, n int, fill func(dst *kernels.Array)) ([]float32, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.network.ForwardFor(n)
	fill(p.Images)
	p.Program.Forward()
	wanted := p.Embedding
	if layer == "pooled" {
		wanted = p.Pooled
	}
	return kernels.Read[float32](wanted.Value()), machine.Fault(e.device)
}
