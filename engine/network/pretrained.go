package network

import (
	"errors"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/backbone"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// Tell says in one line where the network's weights come from, where that is not the usual place.
func (n *Network) Tell(log zerolog.Logger) {
	n.Config.TellRandom(log)
	if n.part.Why != "" {
		log.Info().Str("backbone", n.Backbone.Name).Msgf("--pretrained %s holds the network more than once: "+
			"of %s the part %q is taken, %s; "+
			"--weights-part chooses another", n.Config.Pretrained, weights.PartNames(n.part.Parts), n.part.Name, n.part.Why)
	}
}

// loadPretrained fills the backbone as --pretrained says.
func (n *Network) loadPretrained() error {
	switch n.Config.Pretrained {
	case "false":
		return nil
	case "true":
		if err := n.Config.WantWeights(); err != nil {
			return err
		}
		f, err := n.Backbone.BuiltIn()
		if err != nil {
			return err
		}
		return n.take(f, published(n.Backbone, ""))
	}
	return n.loadFile(n.Config.Pretrained)
}

// loadFile fills the backbone from the file at path: from the part of it that Choose names.
func (n *Network) loadFile(path string) error {
	opened, err := file.Open(path)
	if err != nil {
		return baddata.Errorf("--pretrained %s: %v; expected %s", path, err, file.Formats)
	}
	defer opened.Close()
	o := published(n.Backbone, n.Config.Part)
	if n.part, err = o.Choose(n.backboneParams(), opened.Outline()); err != nil {
		return baddata.Errorf("--pretrained %s, --backbone %s: %v", path, n.Backbone.Name, err)
	}
	f, o, err := readChosen(opened, n.part, o)
	if err != nil {
		return baddata.Errorf("--pretrained %s: %v; expected %s", path, err, file.Formats)
	}
	return n.take(f, o)
}

// readChosen reads the part that was chosen, and says how its names meet those of parameters. Without a part that holds the
// network it is the state dict as other programs see it, so that what is missing can be told.
func readChosen(opened *file.Opened, c weights.Choice, o weights.LoadOptions) (*file.Weights, weights.LoadOptions, error) {
	if len(c.Parts) == 0 && o.Part == "" {
		f, err := opened.Main()
		return f, o, err
	}
	o.Published, o.Part = false, ""
	f, err := opened.Part(c.Beginning)
	return f, o, err
}

// take fills the backbone from f.
func (n *Network) take(f *file.Weights, o weights.LoadOptions) error {
	err := weights.Load(n.backboneParams(), f, o)
	var bad *weights.NumbersError
	switch {
	case errors.As(err, &bad):
		return baddata.Errorf("--pretrained %s cannot be used: %v; name another file", n.Config.Pretrained, bad)
	case err != nil:
		return baddata.Errorf("--pretrained %s does not fit --backbone %s: %v", n.Config.Pretrained, n.Backbone.Name, err)
	}
	return nil
}

// published is how files of the backbone's weights are read that other programs wrote: the part of that name, "" for the usual one.
func published(net backbone.Network, part string) weights.LoadOptions {
	return weights.LoadOptions{Published: true, Part: part, Rename: net.Rename, AllowExtra: true}
}
