package train

import (
	"udml-gpu/engine/data/loader"
	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// keptInputs are the inputs of a step that takes what a backbone makes of its views from what is kept. Like the loader's batches they
// are sent to a GPU from pinned memory, beside the step before.
type keptInputs struct {
	of      *kept
	parts   []keptPart // of each of the outputs
	ints    int        // where in the staging memory the samples begin; the labels follow
	staging *kernels.Staging
	packed  *kernels.Array // on the device: receives staging. All other arrays are parts of it
	samples *kernels.Array // int32 [V B]
	labels  *kernels.Array // int32 [B]
	sent    bool
}

// keptPart is where the rows of one output lie in the staging memory, in bytes, and on the device.
type keptPart struct {
	pooledAt, mapAt int
	pooled, fmap    *kernels.Array // [views B,width] and [views B,h,w,C]; fmap nil: it is not kept
	given           [2]*tape.Var   // map and pooled features on the step's tape; the map nil: the loss does not read it
	images          *tape.Var
}

// partAlign is the alignment of the parts in bytes, as wide loads on a GPU need it.
const partAlign = 64

// inputs makes the inputs of a step on batches of that many images.
func (k *kept) inputs(dev *kernels.Device, batch int) *keptInputs {
	in := &keptInputs{of: k}
	end, views := 0, 0
	place := func(elements int) int {
		at := end
		end = (end + 4*elements + partAlign - 1) / partAlign * partAlign
		return at
	}
	for _, o := range k.outputs {
		rows := o.views * batch
		in.parts = append(in.parts, keptPart{pooledAt: place(rows * o.width), mapAt: place(rows * o.mapSize())})
		views += o.views
	}
	in.ints = place((views + 1) * batch)
	in.staging, in.packed = dev.NewStaging(end), dev.Scratch(kernels.Uint8, end)
	for i, o := range k.outputs {
		p, rows := &in.parts[i], o.views*batch
		p.pooled = in.packed.Carve(kernels.Float32, p.pooledAt, rows, o.width)
		if o.fmap != nil {
			p.fmap = in.packed.Carve(kernels.Float32, p.mapAt, rows, o.fmap[0], o.fmap[1], o.fmap[2])
		}
	}
	in.samples = in.packed.Carve(kernels.Int32, in.ints, views*batch)
	in.labels = in.packed.Carve(kernels.Int32, in.ints+4*views*batch, batch)
	return in
}

// show records the inputs in the place of the backbone's outputs on the views of size i, images.
func (in *keptInputs) show(tp *tape.Tape, i int, images *tape.Var) {
	p := &in.parts[i]
	p.images, p.given[1] = images, tp.Input(p.pooled)
	if p.fmap != nil {
		p.given[0] = tp.Input(p.fmap)
	}
}

// given is backbone.Network.Given.
func (in *keptInputs) given(images *tape.Var) (fmap, pooled *tape.Var) {
	for _, p := range in.parts {
		if p.images == images {
			return p.given[0], p.given[1]
		}
	}
	panic("train: the frozen backbone has seen no such images")
}

// fill copies what is kept of the batch's views to the inputs, and its samples and labels.
func (in *keptInputs) fill(b *loader.Batch, samples, labels *kernels.Array) {
	k := in.of
	if in.sent {
		in.staging.Wait()
	}
	in.sent = true
	n, first := len(b.Samples), 0
	numbers := kernels.StagingOf[int32](in.staging, in.ints, in.samples.Len()+in.labels.Len())
	for i, o := range k.outputs {
		p, rows := in.parts[i], o.views*n
		pooled := kernels.StagingOf[float32](in.staging, p.pooledAt, rows*o.width)
		fmap := kernels.StagingOf[float32](in.staging, p.mapAt, rows*o.mapSize())
		for row := range rows {
			sample := b.Shown(first + row)
			at := int64(sample)*k.floats + o.at + int64(row/n)*int64(o.size())
			k.take(pooled[row*o.width:(row+1)*o.width], at)
			if o.fmap != nil {
				k.take(fmap[row*o.mapSize():(row+1)*o.mapSize()], at+int64(o.width))
			}
			numbers[first+row] = int32(sample)
		}
		first += rows
	}
	copy(numbers[first:], b.Labels)
	in.staging.Send(in.packed)
	in.staging.Arrive()
	samples.CopyFrom(in.samples)
	labels.CopyFrom(in.labels)
}

func (in *keptInputs) free() {
	in.staging.Free()
	in.packed.Free()
}
