// Package hub reads models as their publishers put them on model hubs: a folder of transformers, timm or open_clip, with the weights and
// JSON files that say which network they are of and how images are prepared for it. Nothing in such a folder is trusted or run.
package hub

import (
	"errors"
	"os"
	"path/filepath"
)

// Model is what is known of weights before their tensors are looked at.
type Model struct {
	Weights string // path of the file with the weights, or of the index of its shards
	Folder  bool   // it lies in a folder with a configuration; otherwise only Weights is set
	Architecture
	Input   *Input // how its publisher prepares images; nil where the folder does not say it, or where it is refused
	Licence string // as the folder gives it: a name such as "apache-2.0"; "" where it gives none
	Reads   string // what decided: "config.json: model_type dinov2"

	inputFault error // why the preparation is refused
}

// Source is the program whose model a folder holds.
type Source string

// The sources. A file alone has none.
const (
	Transformers Source = "transformers"
	Timm         Source = "timm"
	OpenCLIP     Source = "open_clip"
)

// Architecture is what a folder's configuration says about the network, with the defaults of the program that it is for. The tensors
// decide the rest; what both say must agree. A number that the configuration leaves to the tensors is 0.
type Architecture struct {
	Source     Source
	Family     string // one of backbone.Families, or convnext; "" where Backbone names a network
	Backbone   string // name of a network that is not of a family, such as resnet50
	Dim        int    // width of a token
	Depth      int    // blocks
	Heads      int
	Patch      int    // side in pixels
	Activation string // by transformers' name, such as quick_gelu; "" where nothing says it
	Eps        float64
}

// ErrNoConfig is wrapped by the error for a folder that does not say what its network is.
var ErrNoConfig = errors.New("no configuration")

// Open reads what the folder at path says about its weights. Of a path that is not a folder it is that path: the tensors decide. The
// error is one sentence that names the path, what was found and what is supported.
func Open(path string) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return &Model{Weights: path}, nil // the file's own reader reports what is wrong with it
	}
	f := folder{path: path}
	m, err := f.model()
	if err != nil {
		return nil, err
	}
	m.Folder = true
	if text := f.licence(); text != "" {
		m.Licence = text
	}
	return m, nil
}

// In is the path of a file in the folder.
func (f folder) in(name string) string { return filepath.Join(f.path, name) }
