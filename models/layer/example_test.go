package layer_test

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// A step is recorded once and run again and again: layers name their parameters, the program computes values and gradients.
func Example() {
	dev := kernels.CPU()
	store := layer.NewStore(dev, kernels.Float32, 1)
	t := tape.New(dev, kernels.Float32, true)
	s := layer.NewScope(t, store)

	images := dev.New(kernels.Float32, 4, 8, 8, 3)
	x := layer.Conv2D(s, "conv1", t.Input(images), layer.Conv{Out: 5, Kernel: 3, Pad: 1})
	f := layer.L2Normalize(s, layer.Linear(s, "embedding", layer.GlobalAveragePool(s, layer.ReLU(s, x)), 2))
	arena := tape.NewArena(dev)
	program := t.Compile(arena, nil, f)

	kernels.Data[float32](images)[0] = 1 // the inputs are filled before each run
	program.Forward()
	fmt.Println(f.Value().Shape())
	for _, p := range store.Params() {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// [4 2]
	// conv1.weight [5 3 3 3]
	// conv1.bias [5]
	// embedding.weight [2 5]
	// embedding.bias [2]
}
