package export

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/models/disk"
	published "udml-gpu/models/weights/hub"
)

//go:embed card.md
var cardText string

//go:embed dinov3.txt
var dinoV3Notice string

var cardTemplate = template.Must(template.New("card").Funcs(template.FuncMap{"yaml": yamlText}).Parse(cardText))

// card writes the model card, and beside it what the licence of the weights asks for: the licence's text as it lies with the pretrained
// weights, and the conditions under which DINOv3's weights and what is made from them may be passed on. architecture is timm's; "" for a
// folder that is for PyTorch alone.
func (f *folder) card(architecture string) error {
	c, said := f.q.Config, f.e.Licence()
	if c.Pretrained == "true" {
		said = "bsd-3-clause" // models/weights/pretrained/squeezenet1_0.LICENSE
	}
	text, err := f.licenceText()
	if err != nil {
		return err
	}
	metrics, data, err := f.metrics()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = cardTemplate.Execute(&b, map[string]any{
		"Licence": licenceWord(said), "Known": plainLicence.MatchString(licenceWord(said)), "DINOv3": network.OfDINOv3(said), "Text": text,
		"Backbone": c.Backbone, "Architecture": architecture, "From": startedFrom(c.Pretrained), "Base": published.NameOf(c.Pretrained),
		"Run": f.q.Run != "", "Method": c.Method, "Epochs": c.Epochs, "Layer": f.q.Layer, "Dim": f.e.Dim(), "Pool": c.Pool,
		"Preprocess": f.e.Preprocess(), "Version": machine.Version(), "Metrics": metrics, "Data": data,
	})
	if err == nil && network.OfDINOv3(said) {
		err = f.text("NOTICE", []byte(dinoV3Notice))
	}
	if err == nil {
		err = f.text("README.md", b.Bytes())
	}
	return err
}

// plainLicence are licences as hubs name them; others are names of their own.
var plainLicence = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

// licenceWord is the licence as hubs spell it.
func licenceWord(licence string) string {
	if network.OfDINOv3(licence) {
		return "dinov3-license"
	}
	return strings.ToLower(licence)
}

// licenceFiles are the names that publishers give to the text of a licence; maxLicence bounds it.
var licenceFiles = []string{"LICENSE", "LICENSE.md", "LICENSE.txt"}

const maxLicence = 1 << 20

// licenceText copies the text of the licence that lies with the pretrained weights, and gives its name; "" where there is none.
func (f *folder) licenceText() (string, error) {
	if info, err := os.Stat(f.q.Config.Pretrained); err != nil || !info.IsDir() {
		return "", nil
	}
	for _, name := range licenceFiles {
		path := filepath.Join(f.q.Config.Pretrained, name)
		b, err := disk.ReadFile(path, maxLicence)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", baddata.Errorf("%s, which goes with models made from these weights, cannot be read: %w", path, disk.Cause(err))
		}
		return name, f.text(name, b)
	}
	return "", nil
}

// startedFrom is the last word of where the weights came from: the rest is of the machine.
func startedFrom(pretrained string) string {
	switch pretrained {
	case "true":
		return "the weights of SqueezeNet that are part of udml-gpu"
	case "false":
		return "random weights"
	}
	if name := published.NameOf(pretrained); name != "" {
		return name
	}
	return filepath.Base(pretrained)
}

// yamlText is a text between quotes, as YAML and JSON have it.
func yamlText(text string) (string, error) {
	b, err := json.Marshal(text)
	return string(b), err
}
