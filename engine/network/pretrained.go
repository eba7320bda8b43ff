package network

import (
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/backbone"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
	"udml-gpu/models/weights/hub"
)

// Tell says in one line where the network's weights come from, where that is not the usual place.
func (n *Network) Tell(log zerolog.Logger) {
	n.Config.TellRandom(log)
	if n.found != "" {
		log.Info().Str("backbone", n.Backbone.Name).Msgf("--pretrained %s is %s", n.Config.Pretrained, n.found)
	}
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

// loadFile fills the backbone from the file or folder at path: from the part of it that Choose names.
func (n *Network) loadFile(path string) error {
	asked, other := backbone.ParseSpec(n.Backbone.Name) // the zero Spec for a network that is no transformer
	w, err := hub.OpenWeights(path, asked)
	if err == nil {
		defer w.Close()
		err = w.Want(other != nil)
	}
	if err != nil {
		return baddata.Errorf("--pretrained %s: %w", path, err)
	}
	if err := sameNetwork(w, n.Backbone, asked); err != nil {
		return baddata.Errorf("--pretrained %s %w", path, err)
	}
	n.found, n.Licence = w.Describe(), licenceOf(w.Licence, n.Backbone)
	outline, err := w.Named(w.Outline)
	o := published(n.Backbone, n.Config.Part)
	if err == nil {
		n.part, err = o.Choose(n.backboneParams(), outline)
	}
	if err != nil {
		return baddata.Errorf("--pretrained %s, --backbone %s: %w", path, n.Backbone.Name, err)
	}
	f, o, err := readChosen(w.File, n.part, o)
	if err == nil {
		f, err = w.Named(f)
	}
	if err != nil {
		return baddata.Errorf("--pretrained %s: %w; expected %s", path, err, file.Formats)
	}
	return n.take(f, o)
}

// sameNetwork is an error where the weights are a transformer's and the network is another one, or the reverse.
func sameNetwork(w *hub.Opened, net backbone.Network, asked backbone.Spec) error {
	found := w.Spec
	if found.Interp != "" && asked.Interp != "" {
		found.Interp = asked.Interp // the user may choose it
	}
	switch {
	case found == asked:
		return nil
	case found.Family == "":
		return fmt.Errorf("holds no vision transformer, and --backbone %s is one", net.Name)
	}
	return fmt.Errorf("is %s, and --backbone %s is another network: leave --backbone out, or say --backbone %s", w.Describe(), net.Name,
		found.Name())
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
