package network

import (
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/hub"
)

// WeightsReport is what a file of weights holds, and which backbones it fits.
type WeightsReport struct {
	File    string       `json:"file"`   // or folder
	Format  string       `json:"format"` // safetensors, torch or npz
	Bytes   int          `json:"bytes"`  // of all tensors
	Count   int          `json:"count"`
	Tensors []TensorInfo `json:"tensors"`
	Network string       `json:"network,omitempty"`    // what the weights are of and what decides it, where it is a transformer
	Doubt   string       `json:"undecided,omitempty"`  // why it cannot be decided, or is refused
	Licence string       `json:"licence,omitempty"`    // that the folder names
	Text    *hub.Group   `json:"text_tower,omitempty"` // tensors beside an image tower that are not used, and are in none of the lists
	Objects []string     `json:"objects,omitempty"`    // what makes the Python objects beside them, which are skipped
	Parts   []WeightPart `json:"parts,omitempty"`      // where a network lies, if there is more than one such place
	Fits    []string     `json:"fits"`                 // the backbones that --pretrained=FILE can fill
	Best    *BackboneFit `json:"best"`                 // the one with the largest share of its parameters in the file, or null
}

// TensorInfo is one tensor of a file.
type TensorInfo struct {
	Name      string `json:"name"`
	DType     string `json:"dtype"` // as safetensors spells it
	Shape     []int  `json:"shape"`
	Bytes     int    `json:"bytes"`
	NotFinite int    `json:"not_finite,omitempty"` // elements
}

// WeightPart is a place in a file where networks lie whole.
type WeightPart struct {
	Name      string   `json:"name"`      // for --weights-part
	Beginning string   `json:"beginning"` // of its tensors' names
	Fits      []string `json:"fits"`
	Taken     bool     `json:"taken"`         // where --weights-part names none, or names it
	Why       string   `json:"why,omitempty"` // it is taken without being named
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

// InspectWeights reads the file or folder at path: of a file with more than one network the part of that name, or, where it is "", what
// the state dict holds and every part. The error is a *baddata.Error that says what is wrong with it.
func InspectWeights(path, part string) (*WeightsReport, error) {
	w, err := hub.OpenWeights(path, backbone.Spec{})
	if err != nil {
		return nil, baddata.Errorf("%w", err)
	}
	defer w.Close()
	i := inspection{weights: w, file: w.File, part: part, report: &WeightsReport{
		File: path, Format: w.File.Format, Objects: w.File.Objects, Tensors: []TensorInfo{}, Fits: []string{},
		Network: w.Describe(), Licence: w.Licence,
	}}
	if w.Text.Tensors > 0 {
		i.report.Text = &w.Text
	}
	doubt := w.Want(false)
	if doubt == nil {
		_, doubt = w.Prepared()
	}
	if doubt != nil {
		i.report.Doubt = doubt.Error()
	}
	if err := i.run(); err != nil {
		return nil, baddata.Errorf("%s: %w", path, err)
	}
	return i.report, nil
}

// listed is list, never null in JSON.
func listed(list []string) []string { return append([]string{}, list...) }
