// Package backbone holds the networks that turn images into maps, one file each, and the decoder back.
package backbone

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// torchvision is the address of torchvision's weights.
const torchvision = "torchvision's are https://download.pytorch.org/models/"

// Network is a backbone: its forward pass and what it expects of an image.
type Network struct {
	Name     string
	Channels int  // of the map, before it is pooled
	Size     int  // default image size in pixels
	MinSize  int  // smaller images would leave no map
	Step     int  // the size is a multiple of it, as of a transformer's patch; 0: any size
	Grey     bool // takes images of one channel as well as of three
	// The input that the weights were trained with: channel c of it is (Range x - Mean[c]) / Std[c] for pixels x in [0,1], blue
	// before green before red where BGR is set. Mean and Std stand in that order; nil: zeros and ones.
	Range     float64 // of the pixels before the mean is taken off: 1 or 255; 0: 1
	BGR       bool
	Mean, Std []float64
	// BuiltIn reads the weights that are part of the program. Nil: there are none.
	BuiltIn func() (*file.Weights, error)
	// Published says where to get files of weights that are not part of the program. Empty: there are none.
	Published string
	// Licence is that of the published weights, and of what is trained from them. Empty: it is the file's own.
	Licence string
	// Rename gives a parameter's name for the names that published files have besides the network's own. Nil: they have none.
	Rename func(name string) string
	// Forward records G: images [N,S,S,C], already normalised.
	Forward func(s *layer.Scope, x *tape.Var) Output
	// Pool names the pooling of Features, one of Pools. Empty: the first of them, with which the weights were published.
	Pool string
	// Own is the poolings besides those of every map that the network has, its published one first. Nil: the mean is published.
	Own []string
	// Stages are the channels of the maps at the ends of stages before the last, the earliest first. Nil: only the last can be pooled.
	Stages []int
	// Taken is how many of the last stages Features pools, the last included; 0: 1.
	Taken int
	// Blocks are how the names of the first parameters of its blocks begin, in the order of the pass: a part of the network that is
	// trained is the last of them. Behind is the same of what stands behind the last block; empty: nothing with parameters does.
	Blocks []string
	Behind string
	// Residual is whether blocks are branches beside an identity, which stochastic depth can drop (layer.DropPath).
	Residual bool
	// Given is what Features gives in the place of what it would record: outputs of images that are known. Nil: it records them.
	Given func(images *tape.Var) (fmap, pooled *tape.Var)
	// HeadWidth is the width of the output of the network's own head; 0: it has none.
	HeadWidth int
}

var networks = []Network{
	conv4, squeezeNet, squeezeNet11, resNet18, resNet50, googLeNet, googLeNetCaffe, bnInception,
	efficientNetLite0, efficientNetLite1, efficientNetLite2, efficientNetLite3, efficientNetLite4,
	convNeXtTiny, convNeXtSmall, convNeXtBase,
}

// imageNetMean and imageNetStd are the mean and deviation of RGB in 0..1 that torchvision's weights were trained with.
var (
	imageNetMean = []float64{0.485, 0.456, 0.406}
	imageNetStd  = []float64{0.229, 0.224, 0.225}
)

// Names lists the networks that have a name, for messages and flags.
func Names() []string {
	var names []string
	for _, n := range networks {
		names = append(names, n.Name)
	}
	for _, p := range transformers {
		names = append(names, p.name)
	}
	return names
}

// Find is the network of that name, or of a transformer's text as ParseSpec reads it.
func Find(name string) (Network, error) {
	if i := slices.IndexFunc(networks, func(n Network) bool { return n.Name == name }); i >= 0 {
		return networks[i], nil
	}
	spec, err := ParseSpec(name)
	switch {
	case errors.Is(err, errNoFamily):
		return Network{}, fmt.Errorf("no backbone is called %.40q; there are %s, and other transformers by FAMILY:KEY=VALUE and so on",
			name, strings.Join(Names(), ", "))
	case err != nil:
		return Network{}, err
	}
	return spec.Network()
}

// HasWeights reports whether there are trained weights of it. A network without any always starts from random ones.
func (n Network) HasWeights() bool { return n.BuiltIn != nil || n.Published != "" }

// Features records the normalisation and the network on images [N,S,S,C] in [0,1]: the map and what it is pooled to, [N,Width].
func (n Network) Features(s *layer.Scope, images *tape.Var) (fmap, pooled *tape.Var) {
	if n.Given != nil {
		return n.Given(images)
	}
	in := s.Of(tape.Backbone).Seeing(images)
	out := n.Forward(in, layer.Stored(in, n.normalised(s, images)))
	return out.Map, n.pool(in, out)
}

// normalised are the images as the network takes them.
func (n Network) normalised(s *layer.Scope, images *tape.Var) *tape.Var {
	mean, std := n.levels(images.Dim(3))
	return layer.Normalise(s, images, mean, std, n.BGR)
}
