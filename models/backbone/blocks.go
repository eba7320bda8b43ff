package backbone

import (
	"fmt"

	"udml-gpu/models/layer"
)

// Division is the network's blocks, of which the last ones are trained (layer.Division.Train). The error names how many there are.
func (n Network) Division(train int) (layer.Division, error) {
	if train > len(n.Blocks) {
		return layer.Division{}, fmt.Errorf("%s has %d blocks", n.Name, len(n.Blocks))
	}
	return layer.Division{Blocks: n.Blocks, Behind: n.Behind, Train: train}, nil
}

// numbered is the format with each of the numbers.
func numbered(format string, numbers ...int) []string {
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i] = fmt.Sprintf(format, n)
	}
	return list
}

// countedUp is the format with the numbers from 0 to n-1.
func countedUp(format string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return list
}
