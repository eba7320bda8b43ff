package demo

import (
	"context"
	"testing"

	"udml-gpu/engine/data"
)

func TestSource(t *testing.T) {
	for _, c := range []struct{ asked, classes int }{{0, 200}, {100, 100}, {7, 7}, {5000, 200}} {
		s, err := Source(c.asked)
		if err != nil {
			t.Fatal(err)
		}
		train, test := s.Split("train"), s.Split("test")
		if len(train.Classes) != c.classes || len(train.Items) != 20*c.classes || len(test.Classes) != 160 || len(test.Items) != 3200 {
			t.Fatalf("%d asked: %d train classes with %d images, %d test classes with %d", c.asked, len(train.Classes), len(train.Items), len(test.Classes), len(test.Items))
		}
	}
}

func TestImagesAreInkOnWhite(t *testing.T) {
	s, err := Source(3)
	if err != nil {
		t.Fatal(err)
	}
	c, err := data.BuildCache(context.Background(), s.Split("train"), data.CacheOptions{Size: 32, Channels: 1, RAM: 1 << 30})
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
