package weights_test

import (
	"bytes"
	"fmt"

	"udml-gpu/models/weights"
)

// Tensors go to safetensors and come back; torch reads the same file.
func ExampleWrite() {
	var b bytes.Buffer
	f := &weights.File{Tensors: []weights.Tensor{weights.FromFloat32("embedding.bias", []float32{1, 2, 3}, 3)}}
	if err := weights.Write(&b, f); err != nil {
		panic(err)
	}
	back, err := weights.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		panic(err)
	}
	bias, _ := back.Get("embedding.bias")
	v, err := bias.Float32s()
	fmt.Println(bias.Shape, v, err)
	// Output: [3] [1 2 3] <nil>
}
