package inference_test

import (
	"context"
	"fmt"

	"udml-gpu/engine/data"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
)

// A run, or here a backbone, is opened once, and embeds a set batch by batch and single images as they come.
func Example() {
	c := setting.Defaults()
	c.Backbone, c.Pretrained, c.Size, c.Channels, c.Device = "conv4", "false", 16, 1, "cpu"
	if err := c.Resolve(); err != nil {
		panic(err)
	}
	ctx := context.Background()
	e, err := inference.Open(ctx, inference.Request{Config: c, Layer: "pooled"})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	src, err := data.Open(data.Demo(4), data.Options{})
	if err != nil {
		panic(err)
	}
	defer src.Close()
	drawings := src.Split("train")
	_, err = e.Set(ctx, drawings, func(r inference.Rows) error {
		fmt.Println(len(r.Images), "images from number", r.Images[0])
		return nil
	})
	if err != nil {
		panic(err)
	}
	content, err := drawings.ReadImage(0)
	if err != nil {
		panic(err)
	}
	vector, err := e.File(content)
	fmt.Println("one image:", len(vector) == e.Dim(), err)
	// Output:
	// 64 images from number 0
	// 16 images from number 64
	// one image: true <nil>
}
