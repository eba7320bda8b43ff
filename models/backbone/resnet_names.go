package backbone

import "strings"

// resNetChildren are a ResNet's modules by their places in torch.nn.Sequential(*list(resnet.children())), which many programs
// cut the classifier off with; the ReLU and the pooling at 2 and 3 have no parameters.
var resNetChildren = map[string]string{"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}

// resNetName is the parameter's name for the tensor of a ResNet that is such a Sequential, and any other name as it is.
func resNetName(name string) string {
	place, rest, _ := strings.Cut(name, ".")
	if module := resNetChildren[place]; module != "" {
		return module + "." + rest
	}
	return name
}
