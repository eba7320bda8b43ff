package cache

import (
	"context"
	"testing"

	"udml-gpu/engine/data"
)

func TestImagesAreInkOnWhite(t *testing.T) {
	s, err := data.Open(data.Demo(3), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Build(context.Background(), s.Split("train"), Options{Size: 32, Channels: 1, RAM: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Len() != 60 || !c.Labelled() || c.ClassCount() != 3 {
		t.Fatalf("%d images of %d classes", c.Len(), c.ClassCount())
	}
	for i := range c.Len() {
		sum := 0
		for _, v := range c.Pixels(i) {
			sum += int(v)
		}
		if mean := sum / 1024; mean < 180 || mean > 254 {
			t.Fatalf("%s has a mean of %d", c.Name(i), mean)
		}
	}
}
