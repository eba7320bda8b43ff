package data_test

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"udml-gpu/engine/data"
)

// Open reads a folder with class folders: images are in the order of their names, and pixels are read on request.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "photos")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, name := range []string{"cats/a.png", "cats/b.png", "dogs/a.png"} {
		writePNG(filepath.Join(dir, name))
	}

	source, err := data.Open(dir, data.Options{Labels: "folder"})
	if err != nil {
		panic(err)
	}
	defer source.Close()
	all := source.Split("all")
	fmt.Println(all.Classes)
	for _, item := range all.Items {
		fmt.Println(item.Name, item.Label)
	}
	// Output:
	// [cats dogs]
	// cats/a.png 0
	// cats/b.png 0
	// dogs/a.png 1
}

func writePNG(path string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		panic(err)
	}
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
}
