package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
)

// Input is how images are prepared: scaled to Resize, the square of Size in the middle taken, and (Range x - Mean) / Std for pixels x in
// [0,1], channels in the order red, green, blue.
type Input struct {
	Size, Resize  int    // in pixels
	ResizeMode    string // squash: both sides become Resize; shorter and shorter-floor: the shorter one does
	Interpolation string // bilinear, bicubic or lanczos
	Range         int    // 1 or 255
	Mean, Std     []float64
	From          string // the file that says it, or whose defaults these are
}

// shorterFloor is the mode of transformers' processors, which round the corner of the middle down.
const shorterFloor = "shorter-floor"

// maxSide bounds sizes in pixels.
const maxSide = 1 << 14

// resamples are Pillow's numbers of filters.
var resamples = map[int]string{1: "lanczos", 2: "bilinear", 3: "bicubic"}

// input reads preprocessor_config.json, or the image processor in processor_config.json; nil where there is neither.
func (f folder) input(family string) (*Input, error) {
	name := inputFile
	o, err := f.object(name)
	if errors.Is(err, fs.ErrNotExist) {
		name = processorFile
		if o, err = f.object(name); err == nil {
			o = o.object("image_processor")
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case o == nil:
		return nil, nil
	}
	in := o.processor(family)
	in.From = name
	return in, o.inputErr()
}

// inputErr is err, for a preparation of images.
func (o *object) inputErr() error {
	if o.err() == nil {
		return nil
	}
	return fmt.Errorf("%w; to prepare images in another way, set --size, --resize, --resize-mode, --interpolation, --mean, --std and "+
		"--pixel-range", o.err())
}

// apart is o with faults of its own: what it says about images may be refused and not needed.
func (o *object) apart() *object { return &object{o.file, o.at, o.values, new(error)} }

// processor is the preparation of an image processor of transformers, for models of the family.
func (o *object) processor(family string) *Input {
	in := &Input{Range: 1, Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}}
	if !o.is("do_resize", true) {
		o.wrong("do_resize", "true, since images of one size are needed")
	}
	if o.is("do_pad", false) {
		o.wrong("do_pad", "false: images are never padded here")
	}
	o.scaled(in)
	o.sizes(in, family)
	in.Interpolation = o.filter()
	if o.is("do_normalize", true) {
		in.Mean, in.Std = o.numbers("image_mean", 3, 0, 255), o.numbers("image_std", 3, 1e-4, 255)
		for key, list := range map[string][]float64{"image_mean": in.Mean, "image_std": in.Std} {
			if list == nil {
				o.wrong(key, "3 numbers")
			}
		}
	}
	return in
}

// scaled sets the range of the pixels.
func (o *object) scaled(in *Input) {
	factor := o.number("rescale_factor", 1.0/255)
	switch {
	case !o.is("do_rescale", true), factor == 1:
		in.Range = 255
	case math.Abs(factor-1.0/255) > 1e-8:
		o.wrong("rescale_factor", "1/255 or 1")
	}
	if o.is("rescale_offset", false) {
		o.wrong("rescale_offset", "false")
	}
}

// filter is the interpolation. The default of the families' processors is bicubic, as all their files say.
func (o *object) filter() string {
	number := o.whole("resample", 3)
	name := resamples[number]
	if name == "" {
		o.wrong("resample", "1 (lanczos), 2 (bilinear) or 3 (bicubic)")
	}
	return name
}

// sizes sets the sizes and the way of scaling. Older files give sizes as plain numbers, whose meaning depends on the processor.
func (o *object) sizes(in *Input, family string) {
	crop := o.has("crop_size") && o.is("do_center_crop", true) || o.is("do_center_crop", false)
	in.ResizeMode = "squash"
	switch size := o.object0("size"); {
	case size == nil && o.has("size"):
		in.Resize = o.whole("size", 0)
		if crop || family == convnext {
			in.ResizeMode = shorterFloor
		}
	case size == nil:
		o.wrong("size", `{"shortest_edge": N} or {"height": N, "width": N}`)
	case size.has("height") && size.has("width"):
		in.Resize = size.whole("height", 0)
		if in.Resize != size.whole("width", 0) {
			o.wrong("size", "a square")
		}
	case size.has("shortest_edge") && !size.has("longest_edge"):
		in.Resize, in.ResizeMode = size.whole("shortest_edge", 0), shorterFloor
	default:
		o.wrong("size", `{"shortest_edge": N} or {"height": N, "width": N}`)
	}
	in.Size = in.Resize
	switch {
	case family == convnext && in.ResizeMode == shorterFloor:
		o.convNeXtSizes(in)
	case crop:
		in.Size = o.cropSize()
	case in.ResizeMode == shorterFloor:
		o.wrong("do_center_crop", "true with a shortest_edge, since only square images are read")
	}
	if o.err() == nil && !(in.Size >= 1 && in.Size <= in.Resize && in.Resize <= maxSide) {
		o.wrong("size", fmt.Sprintf("from the crop's %d to %d", in.Size, maxSide))
	}
}

// object0 is object, without a fault for a value of another kind.
func (o *object) object0(key string) *object {
	if _, ok := o.values[key].(map[string]any); !ok {
		return nil
	}
	return o.object(key)
}

// convNeXtSizes are those of ConvNextImageProcessor: below 384 the shorter side is scaled to size/crop_pct before the crop, from
// there on the image is squashed.
func (o *object) convNeXtSizes(in *Input) {
	if in.Size >= 384 {
		in.ResizeMode = "squash"
		return
	}
	part := o.number("crop_pct", 224.0/256)
	if !(part > 0.1 && part <= 1) {
		o.wrong("crop_pct", "a number of 0.1 to 1")
		return
	}
	in.Resize = int(float64(in.Size) / part)
}

// cropSize is the side of the crop.
func (o *object) cropSize() int {
	crop := o.object0("crop_size")
	if crop == nil {
		return o.whole("crop_size", 224)
	}
	side := crop.whole("height", 0)
	if side != crop.whole("width", 0) {
		o.wrong("crop_size", "a square")
	}
	return side
}
