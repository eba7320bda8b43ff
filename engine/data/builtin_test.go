package data

import "testing"

func TestDemo(t *testing.T) {
	for _, c := range []struct{ asked, classes int }{{0, 200}, {100, 100}, {7, 7}, {5000, 200}} {
		s, err := Open(Demo(c.asked), Options{})
		if err != nil {
			t.Fatal(err)
		}
		train, test := s.Split("train"), s.Split("test")
		if len(train.Classes) != c.classes || len(train.Items) != 20*c.classes || len(test.Classes) != 160 || len(test.Items) != 3200 {
			t.Fatalf(
				"%d asked: %d train classes with %d images, %d test classes with %d",
				c.asked,
				len(train.Classes),
				len(train.Items),
				len(test.Classes),
				len(test.Items),
			)
		}
	}
}
