package engine

import (
	"fmt"

	"udml-gpu/models/weights"
	"udml-gpu/models/weights/pretrained"
)

// publishedWeights say where weights of the networks are found that are not part of the program.
var publishedWeights = map[string]string{
	"squeezenet1_1": torchvision + "squeezenet1_1-b8a52dc0.pth", "resnet18": torchvision + "resnet18-f37072fd.pth",
	"resnet50": torchvision + "resnet50-0676ba61.pth", "googlenet": torchvision + "googlenet-1378be20.pth",
	"googlenet_caffe": "Caffe's bvlc_googlenet, converted as docs/backbones.md says", "bninception": "see docs/backbones.md",
}

const torchvision = "torchvision's are https://download.pytorch.org/models/"

// wantWeights refuses --pretrained without a file where the program has no weights of its own.
func (c *Config) wantWeights() error {
	if c.Pretrained != "true" || c.Backbone == "squeezenet" {
		return nil
	}
	found := ""
	if where := publishedWeights[c.Backbone]; where != "" {
		found = fmt.Sprintf(" (%s)", where)
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
