package bench

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// EmbedBench is the speed at which files become embeddings, and that of its two parts alone. Rates are medians.
type EmbedBench struct {
	ImagesPerSecond  float64 `json:"images_per_second"`         // from files to vectors, decoding beside the network
	DecodedPerSecond float64 `json:"images_decoded_per_second"` // from files to pixels of the network's size
	ForwardPerSecond float64 `json:"images_forward_per_second"` // from pixels on the device to vectors, in whole batches
	Images           int     `json:"images"`                    // that were embedded in a pass
	Passes           int     `json:"passes"`
	Batch            int     `json:"batch"`
	Workers          int     `json:"workers"`
	PeakRSSBytes     int64   `json:"peak_rss_bytes"` // of embedding
	Device           string  `json:"device"`         // cpu, or the GPU's name
	BLAS             string  `json:"blas"`
	JPEG             string  `json:"jpeg"` // which decoder
}

// Embedding times that many passes over all images of c.Data (c is resolved), or over photos that it makes where c.Data is empty. A pass
// is what `embed` does between opening its network and writing its file, without a cache. Passes of the whole and of the parts take
// turns; a first pass of each is not counted. Errors are those of inference.Open and inference.Embedder.Set.
func Embedding(ctx context.Context, c setting.Config, passes int, ui images.UI) (*EmbedBench, error) {
	if c.Data != "" {
		return embedding(ctx, c, passes, ui)
	}
	dir, err := os.MkdirTemp("", "udml-gpu-photos-")
	if err != nil {
		return nil, err
	}
	c.Data = dir
	var r *EmbedBench
	if err = writePhotos(dir); err == nil {
		r, err = embedding(ctx, c, passes, ui)
	}
	return r, errors.Join(err, os.RemoveAll(dir))
}

func embedding(ctx context.Context, c setting.Config, passes int, ui images.UI) (*EmbedBench, error) {
	src, err := images.OpenSource(c)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	images.TellNotes(ui.Log, src)
	b := &embedBench{config: c, set: src.Split("all"), quiet: images.UI{Log: zerolog.Nop()}}
	defer b.close()
	b.embedder, err = inference.Open(ctx, inference.Request{Config: c, Layer: "pooled", UI: b.quiet})
	if err != nil {
		return nil, err
	}
	defer inference.BoundGarbage()()
	if err := b.warm(ctx, ui); err != nil {
		return nil, err
	}
	return b.measure(ctx, passes)
}

// embedBench measures embedding: the whole with the embedder, the forward pass alone with a network of its own on the same device.
type embedBench struct {
	config   setting.Config
	set      *data.Set
	quiet    images.UI // of passes after the first, which has said what there is to say
	embedder *inference.Embedder
	device   *kernels.Device
	network  *network.Network
	result   EmbedBench
}

// warm is a first pass of everything. The peak of memory is read before there is a second network.
func (b *embedBench) warm(ctx context.Context, ui images.UI) (err error) {
	if _, err = b.decode(ctx, ui); err != nil {
		return err
	}
	if _, err = b.embed(ctx); err != nil {
		return err
	}
	b.result.PeakRSSBytes = machine.PeakMemory()
	if b.device, err = machine.Open(b.config, ui.Log); err != nil {
		return err
	}
	if b.network, err = network.New(b.config, b.device); err != nil {
		return err
	}
	b.network.Tell(ui.Log)
	noise(b.network.ForwardFor(network.EmbedBatch).Images, b.config.Seed)
	_, err = b.forward(ctx)
	return err
}

func (b *embedBench) close() {
	if b.embedder != nil {
		b.embedder.Close()
	}
	if b.network != nil {
		b.network.Free()
	}
	if b.device != nil {
		b.device.Close()
	}
}

// measure takes turns, so that what else the machine does meets all three alike.
func (b *embedBench) measure(ctx context.Context, passes int) (*EmbedBench, error) {
	parts := []func(context.Context) (float64, error){
		func(ctx context.Context) (float64, error) { return b.decode(ctx, b.quiet) }, b.forward, b.embed,
	}
	rates := make([][]float64, len(parts))
	for range passes {
		for i, part := range parts {
			rate, err := part(ctx)
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	r, now := &b.result, machine.CurrentEnvironment(b.device)
	r.DecodedPerSecond, r.ForwardPerSecond, r.ImagesPerSecond = medianOf(rates[0]), medianOf(rates[1]), medianOf(rates[2])
	r.Passes, r.Batch, r.Workers = passes, network.EmbedBatch, b.config.Workers
	r.Device, r.BLAS, r.JPEG = "cpu", now.BLAS, now.JPEG
	if b.device.CUDA() {
		r.Device = b.device.Info().Name
	}
	return r, nil
}

// embed is the number of images of the set that become vectors in a second.
func (b *embedBench) embed(ctx context.Context) (perSecond float64, err error) {
	b.result.Images = 0
	start := time.Now()
	_, err = b.embedder.Set(ctx, b.set, func(r inference.Rows) error {
		b.result.Images += len(r.Images)
		return nil
	})
	return float64(b.result.Images) / time.Since(start).Seconds(), err
}

// decode is the number of images of the set that are decoded and resized in a second, with as many waiting as embed lets wait.
func (b *embedBench) decode(ctx context.Context, ui images.UI) (perSecond float64, err error) {
	n, start := 0, time.Now()
	_, err = images.Stream(ctx, b.config, b.set, ui, network.EmbedBatch, nil, func(int, []uint8) error {
		n++
		return nil
	})
	return float64(n) / time.Since(start).Seconds(), err
}

// forward is the number of images that go through the network in a second, in one whole batch. Noise costs what photos cost.
func (b *embedBench) forward(context.Context) (perSecond float64, err error) {
	seconds := queuedSeconds(b.device, 1, 1, b.network.ForwardFor(network.EmbedBatch).Program.Forward)
	return network.EmbedBatch / seconds[0], machine.Fault(b.device)
}
