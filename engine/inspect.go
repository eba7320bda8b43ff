package engine

import (
	"udml-gpu/engine/data"
	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
)

// WeightsReport is what a file of weights holds, and which backbones it fits.
type WeightsReport struct {
	File    string       `json:"file"`
	Format  string       `json:"format"` // safetensors, torch or npz
	Bytes   int          `json:"bytes"`  // of all tensors
	Count   int          `json:"count"`
	Tensors []TensorInfo `json:"tensors"`
	Fits    []string     `json:"fits"` // the backbones that --pretrained=FILE can fill
	Best    *BackboneFit `json:"best"` // the one with the largest share of its parameters in the file; null where none has any
}

// TensorInfo is one tensor of a file.
type TensorInfo struct {
	Name  string `json:"name"`
	DType string `json:"dtype"` // as safetensors spells it
	Shape []int  `json:"shape"`
	Bytes int    `json:"bytes"`
}

// BackboneFit compares a file's tensors with a backbone's parameters by name and shape.
type BackboneFit struct {
	Backbone   string   `json:"backbone"`
	Channels   int      `json:"channels"` // of the images that it takes
	Parameters int      `json:"parameters"`
	Matched    int      `json:"matched"`
	Missing    []string `json:"missing"`
	Differ     []string `json:"differ"` // with the shape found and the one expected
	Extra      []string `json:"extra"`  // not used; no obstacle
}

// InspectWeights reads the file at path. The error is a *data.Error that says what is wrong with it.
func InspectWeights(path string) (*WeightsReport, error) {
	f, err := weights.ReadFile(path)
	if err != nil {
		return nil, data.Errorf("%w; expected %s", err, weights.Formats)
	}
	r := &WeightsReport{File: path, Format: f.Format, Count: len(f.Tensors), Tensors: []TensorInfo{}, Fits: []string{}}
	for _, t := range f.Tensors {
		r.Tensors = append(r.Tensors, TensorInfo{t.Name, t.DType, t.Shape, len(t.Data)})
		r.Bytes += len(t.Data)
	}
	for _, name := range backbone.Names() {
		if err := r.try(name, f); err != nil {
			return nil, data.Errorf("%s: %w", path, err)
		}
	}
	return r, nil
}

// try compares f with a backbone for colour images, and for grey ones where a tensor has another shape: the first layer's
// may be that of grey images.
func (r *WeightsReport) try(name string, f *weights.File) error {
	for _, channels := range []int{3, 1} {
		fit, err := compareBackbone(name, channels, f)
		if err != nil {
			return err
		}
		r.consider(fit)
		if len(fit.Differ) == 0 {
			break
		}
	}
	return nil
}

// consider adds a backbone to those that fit, and keeps it where it has the largest share of its parameters.
func (r *WeightsReport) consider(fit *BackboneFit) {
	if fit.Matched == fit.Parameters {
		r.Fits = append(r.Fits, fit.Backbone)
	}
	if fit.Matched > 0 && (r.Best == nil || fit.Matched*r.Best.Parameters > r.Best.Matched*fit.Parameters) {
		r.Best = fit
	}
}

func compareBackbone(name string, channels int, f *weights.File) (*BackboneFit, error) {
	net, err := backbone.Find(name)
	if err != nil {
		return nil, err
	}
	dev := kernels.CPU()
	store := layer.NewShapes(dev, kernels.Float32)
	defer store.Free()
	images := dev.New(kernels.Float32, 1, net.MinSize, net.MinSize, channels)
	defer images.Free()
	t := tape.New(dev, kernels.Float32, false)
	net.Features(layer.NewScope(t, store), t.Input(images)) // recording it creates the parameters
	params := store.Params()
	fit, err := weights.Compare(params, f, published(net))
	return &BackboneFit{
		Backbone: name, Channels: channels, Parameters: len(params), Matched: fit.Matched,
		Missing: listed(fit.Missing), Differ: listed(fit.Differ), Extra: listed(fit.Extra),
	}, err
}

// listed is list, never null in JSON.
func listed(list []string) []string { return append([]string{}, list...) }
