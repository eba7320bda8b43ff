package eval_test

import (
	"context"
	"fmt"

	"udml-gpu/engine/eval"
	"udml-gpu/kernels"
)

// Evaluate scores an embedding that separates two classes.
func ExampleEvaluate() {
	embedding := kernels.Of(kernels.CPU(), []float32{1, 0, 1, 0.1, 0, 1, 0.1, 1}, 4, 2)
	scores, err := eval.Evaluate(context.Background(), embedding, []int32{0, 0, 1, 1}, eval.Options{Ks: []int{1}, Restarts: 1})
	fmt.Printf("%.3f %.3f %v\n", scores.Recall[1], scores.NMI, err)
	// Output: 1.000 1.000 <nil>
}

// NMI compares labels as partitions: their numbers have no meaning.
func ExampleNMI() {
	fmt.Printf("%.3f\n", eval.NMI([]int32{0, 0, 1, 1}, []int32{5, 5, 2, 2}))
	// Output: 1.000
}
