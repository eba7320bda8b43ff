package collection

import (
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// Settings are those of the collection's network, with its data set as --data.
func (c *Collection) Settings() (setting.Config, error) {
	s, err := run.Config(c.Model())
	s.Data = c.Data()
	return s, err
}

// OpenNetwork opens the collection's network with its Settings, of which only those may differ that do not change a vector, such as the
// device. A network that is not the one that made the vectors is a *baddata.Error. The caller closes it.
func (c *Collection) OpenNetwork(s setting.Config, ui images.UI) (*inference.Embedder, error) {
	e, err := inference.Unfitted(inference.Request{Config: s, Run: c.Model(), Layer: c.Manifest.Model.Layer, UI: ui})
	if err != nil {
		return nil, err
	}
	hash, err := e.Hash()
	if err == nil && hash != c.Manifest.Model.Hash {
		err = baddata.Errorf("%s is damaged: the network in its %s is not the one that its vectors come from; udml-gpu embed makes it anew",
			c.Path, ModelDir)
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}
