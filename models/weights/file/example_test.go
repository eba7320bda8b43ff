package file_test

import (
	"bytes"
	"fmt"

	"udml-gpu/models/weights/file"
)

// Encode writes tensors as safetensors and Parse reads them back; torch reads the same file.
func ExampleEncode() {
	var b bytes.Buffer
	f := &file.Weights{Tensors: []file.Tensor{file.FromFloat32("embedding.bias", []float32{1, 2, 3}, 3)}}
	if err := file.Encode(&b, f); err != nil {
		panic(err)
	}
	back, err := file.Parse(b.Bytes())
	if err != nil {
		panic(err)
	}
	bias, _ := back.Get("embedding.bias")
	v, err := bias.Float32s()
	fmt.Println(bias.Shape, v, err)
	// Output: [3] [1 2 3] <nil>
}
