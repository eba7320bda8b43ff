package network

import (
	"bytes"
	"fmt"

	"udml-gpu/engine/setting"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// About is the metadata of the network's file of weights.
func (n *Network) About() map[string]string {
	about := map[string]string{
		"format": "pt", "backbone": n.Backbone.Name, "whitened": fmt.Sprint(n.Whitens), setting.PipelineKey: n.Config.Pipeline(),
	}
	if n.Licence != "" {
		about[LicenceKey] = n.Licence
	}
	return about
}

// Model is the content of the network's ModelFile.
func (n *Network) Model() ([]byte, error) {
	var b bytes.Buffer
	err := file.Encode(&b, &file.Weights{Metadata: n.About(), Tensors: n.Tensors(false)})
	return b.Bytes(), err
}

// Tensors are the parameters as files have them, those of the backbone alone where only that is asked for.
func (n *Network) Tensors(backbone bool) []file.Tensor {
	params := n.Store.Params()
	if backbone {
		params = n.backboneParams()
	}
	return weights.Take(params).Tensors()
}
