package kernels_test

import (
	"fmt"

	"udml-gpu/kernels"
)

// Arrays live on a device, are freed by hand, and are counted, so that a test can show that nothing is left.
func ExampleDevice() {
	dev := kernels.CPU()
	before := dev.LiveBytes()
	a := dev.New(kernels.Float32, 2, 3)
	kernels.Write(a, []float32{1, 2, 3, 4, 5, 6})
	fmt.Println(a.Shape(), kernels.Read[float32](a)[4], dev.LiveBytes()-before)
	a.Free()
	fmt.Println(dev.LiveBytes() - before)
	// Output:
	// [2 3] 5 24
	// 0
}
