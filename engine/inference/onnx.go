package inference

import (
	"encoding/json"
	"maps"
	"strconv"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/models/onnx"
	"udml-gpu/models/weights/file"
)

// Network is the embedder's own network, for those that write it in other forms. No images may go through it meanwhile.
func (e *Embedder) Network() *network.Network { return e.network }

// ONNX is the network up to the request's layer as a model of ONNX for images of --size. With pixels it takes images as they are decoded
// and normalises them itself. Its metadata name what prepares an image ("pipeline", and "preprocess" in the words of image processors), the
// network by its Hash ("model_hash"), the layer, and the licence of the weights that it was made from.
func (e *Embedder) ONNX(pixels bool) (*onnx.Model, error) {
	hash, err := e.Hash()
	if err != nil {
		return nil, err
	}
	m, err := e.network.ONNX(e.request.Layer == "pooled", pixels)
	if err != nil {
		return nil, err
	}
	if err := machine.Fault(e.device); err != nil {
		return nil, err
	}
	m.About, err = e.about(hash)
	delete(m.About, "format") // of files of weights
	return m, err
}

// about says what a file of the network holds.
func (e *Embedder) about(hash string) (map[string]string, error) {
	preprocess, err := json.Marshal(e.Preprocess())
	if err != nil {
		return nil, err
	}
	about := e.network.About()
	about["model_hash"], about["layer"], about["pool"] = hash, e.request.Layer, e.request.Config.Pool
	about["preprocess"] = string(preprocess)
	maps.Copy(about, e.averaged())
	return about, nil
}

// averaged says, for the metadata of files, over which views of an image its features are the mean.
func (e *Embedder) averaged() map[string]string {
	of, c := map[string]string{}, &e.request.Config
	if c.MirrorAverage {
		of["mirror_average"] = "true"
	}
	if c.AlsoSize != 0 {
		of["also_size"] = strconv.Itoa(c.AlsoSize)
	}
	if c.AlsoMirrored {
		of["also_mirrored"] = "true"
	}
	return of
}

// Weights are the parameters up to the request's layer, with torch's names and shapes, and the metadata of ONNX.
func (e *Embedder) Weights() (*file.Weights, error) {
	hash, err := e.Hash()
	if err != nil {
		return nil, err
	}
	w := &file.Weights{Tensors: e.network.Tensors(e.request.Layer == "pooled")}
	if err := machine.Fault(e.device); err != nil {
		return nil, err
	}
	w.Metadata, err = e.about(hash)
	return w, err
}

// Preprocess says how an image is prepared in the words of transformers' image processors: each side or the shorter one resized, the
// middle taken, then ((pixel/255) - image_mean) / image_std, red before green before blue.
type Preprocess struct {
	Size       int       `json:"size"`   // of the square that the network takes, in pixels
	Resize     int       `json:"resize"` // to which the image is scaled before, in pixels
	ResizeMode string    `json:"resize_mode"`
	Resample   string    `json:"resample"`
	Channels   int       `json:"channels"`
	Invert     bool      `json:"invert"` // 255 - pixel is taken, before all else
	Mean       []float64 `json:"image_mean"`
	Std        []float64 `json:"image_std"`
}

// Preprocess is how images are prepared for the network.
func (e *Embedder) Preprocess() Preprocess {
	c := e.request.Config
	mean, std := e.network.Backbone.Input(c.Channels, 1, false)
	return Preprocess{
		Size: c.Size, Resize: c.Resize, ResizeMode: c.ResizeMode, Resample: c.Interpolation, Channels: c.Channels, Invert: c.Invert,
		Mean: mean, Std: std,
	}
}
