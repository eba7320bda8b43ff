package distance_test

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// The two nearest of four points on a line, for each of two others.
func ExampleTopK() {
	dev := kernels.CPU()
	x := kernels.Of(dev, []float32{0.1, 2.9}, 2, 1)
	y := kernels.Of(dev, []float32{0, 1, 2, 3}, 4, 1)
	values, indices := dev.New(kernels.Float32, 2, 2), dev.New(kernels.Int32, 2, 2)
	distance.TopK(values, indices, x, y, distance.SquaredL2, -1)
	fmt.Println(kernels.Data[int32](indices))
	fmt.Printf("%.2f\n", kernels.Data[float32](values))
	// Output:
	// [0 1 3 2]
	// [0.01 0.81 0.01 0.81]
}
