package export

import (
	"bytes"
	_ "embed"
	"path/filepath"
	"strings"
	"text/template"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
)

//go:embed card.md
var cardText string

//go:embed dinov3.txt
var dinoV3Notice string

var cardTemplate = template.Must(template.New("card").Parse(cardText))

// card writes the model card, and the conditions under which DINOv3's weights and what is made from them may be passed on.
func (h *hub) card() error {
	c := h.q.Config
	var b bytes.Buffer
	err := cardTemplate.Execute(&b, map[string]any{
		"Licence": licenceWord(h.e.Licence()), "DINOv3": network.OfDINOv3(h.e.Licence()),
		"Backbone": c.Backbone, "Architecture": h.model.architecture, "From": startedFrom(c.Pretrained), "Run": h.q.Run != "",
		"Method": c.Method, "Epochs": c.Epochs, "Layer": h.q.Layer, "Dim": h.e.Dim(), "Pool": c.Pool, "Layers": h.layers,
		"Preprocess": h.e.Preprocess(), "Version": machine.Version(),
	})
	if err != nil {
		return err
	}
	if network.OfDINOv3(h.e.Licence()) {
		if err := h.text("NOTICE", []byte(dinoV3Notice)); err != nil {
			return err
		}
	}
	return h.text("README.md", b.Bytes())
}

// licenceWord is the licence as hubs spell it.
func licenceWord(licence string) string {
	if network.OfDINOv3(licence) {
		return "dinov3-license"
	}
	return strings.ToLower(licence)
}

// startedFrom is the last word of where the weights came from: the rest is of the machine.
func startedFrom(pretrained string) string {
	switch pretrained {
	case "true":
		return "the weights of SqueezeNet that are part of udml-gpu"
	case "false":
		return "random weights"
	}
	return filepath.Base(pretrained)
}
