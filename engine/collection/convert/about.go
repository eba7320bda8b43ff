package convert

import (
	"bufio"
	"encoding/json"
	"strconv"

	"udml-gpu/engine/machine"
)

// about says what the vectors are of, so that another program can refuse vectors of another network.
type about struct {
	Model      string `json:"model"` // the hash of the network, as in the collection's manifest
	Backbone   string `json:"backbone"`
	Layer      string `json:"layer"`
	Pool       string `json:"pool"`
	Pipeline   string `json:"pipeline"` // how images were prepared
	Licence    string `json:"base_license,omitempty"`
	Metric     string `json:"metric"`
	Normalized bool   `json:"normalized"`
	Dimensions int    `json:"dimensions"`
	Images     int    `json:"images"`
	Data       string `json:"data"` // where the images were
	CreatedBy  string `json:"created_by"`
}

func (j *job) about() about {
	m := &j.c.Manifest
	return about{
		Model: m.Model.Hash, Backbone: m.Model.Backbone, Layer: m.Model.Layer, Pool: m.Model.Pool, Pipeline: m.Model.Pipeline,
		Licence: m.Model.Licence, Metric: m.Metric, Normalized: true, Dimensions: j.c.Dim(), Images: len(j.live), Data: text(j.c.Data()),
		CreatedBy: "udml-gpu " + machine.Version(),
	}
}

// pairs are the same as texts, for files that hold nothing else. Names are those of safetensors files of embed where it has them.
func (a *about) pairs() [][2]string {
	list := [][2]string{
		{"model", a.Model},
		{"backbone", a.Backbone},
		{"layer", a.Layer},
		{"pool", a.Pool},
		{"pipeline", a.Pipeline},
		{"metric", a.Metric},
		{"normalized", strconv.FormatBool(a.Normalized)},
		{"dimensions", strconv.Itoa(a.Dimensions)},
		{"images", strconv.Itoa(a.Images)},
		{"data", a.Data},
		{"created_by", a.CreatedBy},
	}
	if a.Licence != "" {
		list = append(list, [2]string{"base_license", a.Licence})
	}
	return list
}

// writeAbout writes it as a JSON file.
func (j *job) writeAbout(path string) error {
	return j.write(path, func(w *bufio.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(j.about())
	})
}
