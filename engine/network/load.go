package network

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
	"udml-gpu/models/head"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// ModelFile is the network in a folder of a checkpoint.
const ModelFile = "model.safetensors"

// Load takes every parameter of the network, the final whitening included where the file has one.
func (n *Network) Load(f *file.Weights) error {
	if w, ok := f.Get(head.WhitenName + ".weight"); ok && len(w.Shape) == 2 {
		n.addWhitening(w.Shape[0])
	}
	err := weights.Load(n.Store.Params(), f, weights.LoadOptions{AllowExtra: true})
	n.Changed()
	n.KeepLicence(f)
	var bad *weights.NumbersError
	switch {
	case errors.As(err, &bad):
		return baddata.Errorf("the run's %s cannot be used: %v", ModelFile, bad)
	case err != nil:
		return baddata.Errorf("the run's %s does not fit its %s: %v", ModelFile, setting.ConfigFile, err)
	}
	return nil
}

// LoadRun puts the last checkpoint's parameters into the network.
func (n *Network) LoadRun(dir string, log zerolog.Logger) error {
	last, warnings, err := checkpoint.Latest(dir)
	if err != nil && len(warnings) > 0 {
		return baddata.Errorf("--run %s: no checkpoint is intact (%s)", dir, strings.Join(warnings, "; "))
	}
	if err != nil {
		return baddata.Errorf("--run: %v", err)
	}
	for _, w := range warnings {
		log.Warn().Msg(w)
	}
	if err := KeepsPipeline(n.Config, last); err != nil {
		return err
	}
	f, err := file.Read(filepath.Join(last, ModelFile))
	if err != nil {
		return baddata.Errorf("--run: %v", err)
	}
	return n.Load(f)
}
