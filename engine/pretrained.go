package engine

import (
	"fmt"

	"udml-gpu/models/weights"
	"udml-gpu/models/weights/pretrained"
)

// torchvisionWeights are the files that torchvision loads for the networks that it has too.
var torchvisionWeights = map[string]string{
	"squeezenet1_1": "squeezenet1_1-b8a52dc0.pth", "resnet18": "resnet18-f37072fd.pth", "resnet50": "resnet50-0676ba61.pth",
	"googlenet": "googlenet-1378be20.pth",
}

// wantWeights refuses --pretrained without a file where the program has no weights of its own.
func (c *Config) wantWeights() error {
	if c.Pretrained != "true" || c.Backbone == "squeezenet" {
		return nil
	}
	found := ""
	if file := torchvisionWeights[c.Backbone]; file != "" {
		found = fmt.Sprintf(" (torchvision's are https://download.pytorch.org/models/%s)", file)
	}
	return usage("--pretrained: no weights for %s are part of this program; name a file with --pretrained=FILE%s, or train from scratch with --pretrained=false", c.Backbone, found)
}

// readPretrained reads the file that --pretrained names, or the weights that are part of the program.
func (c *Config) readPretrained() (*weights.File, error) {
	if c.Pretrained == "true" {
		return pretrained.SqueezeNet()
	}
	return weights.ReadFile(c.Pretrained)
}
