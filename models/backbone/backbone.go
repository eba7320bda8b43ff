// Package backbone holds the networks that turn images into maps, one file each, and the decoder back.
package backbone

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Network is a backbone: its forward pass and what it expects of an image.
type Network struct {
	Name     string
	Channels int // of the map, before global average pooling
	Size     int // default image size in pixels
	MinSize  int // smaller images would leave no map
	// Mean and Std per channel: the input is (255 x - Mean) / Std for pixels x in [0,1]. Nil: zeros and 255.
	Mean, Std []float64
	// Map records G: images [N,S,S,C], already normalised, to [N,h,w,Channels].
	Map func(s *layer.Scope, x *tape.Var) *tape.Var
}

var networks = []Network{conv4, squeezeNet, squeezeNet11, resNet18, resNet50, googLeNet}

// imageNetMean and imageNetStd are what torchvision's weights were trained with.
var (
	imageNetMean = []float64{0.485 * 255, 0.456 * 255, 0.406 * 255}
	imageNetStd  = []float64{0.229 * 255, 0.224 * 255, 0.225 * 255}
)

// Names lists the networks, for messages and flags.
func Names() []string {
	var names []string
	for _, n := range networks {
		names = append(names, n.Name)
	}
	return names
}

// Find is the network of that name.
func Find(name string) (Network, error) {
	i := slices.IndexFunc(networks, func(n Network) bool { return n.Name == name })
	if i < 0 {
		return Network{}, fmt.Errorf("no backbone is called %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return networks[i], nil
}

// Input is the normalisation for images of that many channels.
func (n Network) Input(channels int) (mean, std []float64) {
	mean, std = make([]float64, channels), make([]float64, channels)
	for c := range channels {
		std[c] = 255
		if n.Mean != nil {
			mean[c], std[c] = n.Mean[c], n.Std[c]
		}
	}
	return mean, std
}

// Features records the normalisation and the network on images [N,S,S,C] in [0,1]: the map and its mean [N,C].
func (n Network) Features(s *layer.Scope, images *tape.Var) (fmap, pooled *tape.Var) {
	mean, std := n.Input(images.Dim(3))
	fmap = n.Map(s.Of(tape.Backbone), layer.Normalise(s, images, mean, std))
	return fmap, layer.GlobalAveragePool(s, fmap)
}
