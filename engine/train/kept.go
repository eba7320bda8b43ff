package train

import (
	"fmt"

	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// keptMemory is up to how many bytes of a frozen backbone's outputs are kept in memory, where they take no more than a quarter of what is
// free; others are in a file beside the run. keptMost is up to how many are kept where the loss reads maps; beyond, the backbone runs at
// each step, on other views. It is the same on every machine, since a run's bytes are to be.
const keptMemory, keptMost = 1 << 30, 16 << 30

// kept is what a frozen backbone (--train-blocks 0) makes of the training images in all views, as far as the method's loss reads it. In
// every epoch the views are those that are drawn for epoch 0, so that each goes through the backbone once.
type kept struct {
	images   int
	pixels   bool         // whether the loss reads the views themselves
	outputs  []keptOutput // of each size of the views
	floats   int64        // of an image in all views
	inMemory int64        // how many bytes at most are in memory
	shelf    *shelf       // nil: nothing is kept yet
	err      error        // the first failure to read
}

// keptOutput is what is kept of the views of one size.
type keptOutput struct {
	views int
	at    int64 // of the first view's numbers among those of an image
	width int   // of the pooled features
	fmap  []int // h, w and channels of the map; nil: it is not kept
}

// size is how many numbers a view has.
func (o keptOutput) size() int { return o.width + o.mapSize() }

func (o keptOutput) mapSize() int {
	if o.fmap == nil {
		return 0
	}
	return o.fmap[0] * o.fmap[1] * o.fmap[2]
}

// bytes is the size of all that is kept.
func (k *kept) bytes() int64 { return 4 * k.floats * int64(k.images) }

// fits says whether so much is kept.
func (k *kept) fits() bool {
	for _, o := range k.outputs {
		if o.fmap != nil && k.bytes() > keptMost {
			return false
		}
	}
	return true
}

// String says what is kept and where, or why nothing is, for the log.
func (k *kept) String() string {
	if !k.fits() {
		return fmt.Sprintf("the frozen backbone runs at each step, because the maps that the loss reads would take %.1f GiB, more than "+
			"the %d GiB that are kept", float64(k.bytes())/(1<<30), keptMost>>30)
	}
	where := "in memory"
	if k.bytes() > k.inMemory {
		where = "in a file without a name beside the run"
	}
	return fmt.Sprintf("the views of %d images are drawn once, and what the frozen backbone makes of them is kept %s: %.1f MiB",
		k.images, where, float64(k.bytes())/(1<<20))
}

// newKept is what is to be kept of so many images for m, which a recording of its loss without memory tells.
func newKept(n *network.Network, m method.Method, views []loader.View, images int) *kept {
	k := &kept{images: images, inMemory: keptMemory}
	if free := machine.AvailableMemory(); free > 0 {
		k.inMemory = min(k.inMemory, free/4)
	}
	tp := tape.New(n.Device, kernels.Float32, true)
	outline := func(t kernels.DType, shape ...int) *tape.Var { return tp.Input(n.Device.Outline(t, shape...)) }
	whole := layer.NewScope(tape.New(n.Device, kernels.Float32, false), layer.NewShapes(n.Device, kernels.Float32))
	in := method.Inputs{
		Backbone: n.Backbone, Dim: n.Config.Dim, Total: images, Clock: &layer.Clock{}, Labels: outline(kernels.Int32, 1),
		Samples: outline(kernels.Int32, len(views)), Views: outline(kernels.Int32, len(views)),
	}
	var inputs, maps []*tape.Var
	given := map[*tape.Var][2]*tape.Var{}
	sizes, counts := loader.Sizes(views)
	for i, size := range sizes {
		x := outline(kernels.Float32, counts[i], size, size, n.Config.Channels)
		fmap, pooled := n.Backbone.Features(whole, x)
		fmap, pooled = outline(kernels.Float32, fmap.Shape()...), outline(kernels.Float32, pooled.Shape()...)
		inputs, maps, given[x] = append(inputs, x), append(maps, fmap), [2]*tape.Var{fmap, pooled}
		k.outputs = append(k.outputs, keptOutput{views: counts[i], width: pooled.Dim(1)})
	}
	in.Images, in.Others = inputs[0], inputs[1:]
	in.Backbone.Given = func(x *tape.Var) (fmap, pooled *tape.Var) { return given[x][0], given[x][1] }
	m.Loss(layer.NewScope(tp, layer.NewShapes(n.Device, kernels.Float32)), in)
	for i := range k.outputs {
		o := &k.outputs[i]
		k.pixels = k.pixels || tp.Uses(inputs[i])
		if tp.Uses(maps[i]) {
			o.fmap = maps[i].Shape()[1:]
		}
		o.at = k.floats
		k.floats += int64(o.views) * int64(o.size())
	}
	return k
}

// take reads numbers from position at on. After a failure, which save reports, they are zeros.
func (k *kept) take(dst []float32, at int64) {
	if err := k.shelf.take(dst, at); err != nil {
		clear(dst)
		if k.err == nil {
			k.err = err
		}
	}
}

func (k *kept) free() {
	if k != nil && k.shelf != nil {
		k.shelf.close()
	}
}
