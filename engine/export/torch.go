package export

import (
	"bytes"
	_ "embed"
	"strings"
	"text/template"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/models/onnx/torchcode"
)

//go:embed modeling.py.txt
var modelingText string

var modelingTemplate = template.Must(template.New("modeling").Parse(modelingText))

// writeTorch writes a folder with the network as a module of PyTorch that needs nothing else, its tensors, and a model card. The module
// takes pixels, so that grey and inverted images and those with blue before red are as here.
func writeTorch(j *job) error {
	m, err := j.modelONNX(true)
	if err != nil {
		return err
	}
	code, err := torchcode.Write(m)
	if err != nil {
		return baddata.Errorf("%s cannot be written as PyTorch: %w", j.q.Config.Backbone, err)
	}
	return j.inFolder(func(f *folder) error {
		p := j.e.Preprocess()
		var b bytes.Buffer
		err := modelingTemplate.Execute(&b, map[string]any{
			"Backbone": j.q.Config.Backbone, "Version": machine.Version(), "Dim": j.e.Dim(), "Unit": j.q.Layer != "pooled",
			"Preprocess": p, "Filter": strings.ToUpper(p.Resample), "Lines": code.Lines,
		})
		if err == nil {
			err = f.text("modeling.py", b.Bytes())
		}
		if err == nil {
			m.About["format"] = "pt"
			err = f.weights("model.safetensors", m.About, code.Tensors)
		}
		if err == nil {
			err = f.card("")
		}
		return err
	})
}
