package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// discrimination is the loss of instance discrimination (Ye et al. 2019), for the methods that learn by it.
type discrimination struct {
	temperature, alpha float64
}

// settings have the authors' values as defaults.
func (d *discrimination) settings() []table.Row {
	return []table.Row{
		table.Float("instance-temperature", &d.temperature, 0.1, "temperature of instance discrimination").Within(1e-4, 1e4).Unpreset(),
		table.Float("instance-alpha", &d.alpha, 1, "weight of the term that pushes other images away").Within(0, 1e6).Unpreset(),
	}
}

// Loss records loss.Instance of the embedding of both views, and of small views against these.
func (d *discrimination) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Pooled(s), in.Dim)
	return Outputs{Embedding: f, Loss: layer.Instance(s, f, in.Batch(), d.temperature, d.alpha)}
}
