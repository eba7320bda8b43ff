package data

import (
	"bytes"
	"strconv"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/demo"
)

// demoScheme marks the built-in images in a value of --data.
const demoScheme = "demo:"

// Demo names the built-in images with only that many training classes, evenly spaced; 0: all.
func Demo(classes int) string { return demoScheme + strconv.Itoa(classes) }

// IsDemo tells whether a value of --data means the built-in images.
func IsDemo(spec string) bool { return strings.HasPrefix(spec, demoScheme) }

// DemoClasses is the number of training classes in "demo:N"; ok is false where N is not a valid number.
func DemoClasses(spec string) (n int, ok bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(spec, demoScheme))
	return n, err == nil && n >= 0
}

// openDemo opens the built-in images with only that many training classes.
func openDemo(classes int) (*Source, error) {
	b, err := demo.Zip()
	if err != nil {
		return nil, baddata.Errorf("the built-in images are damaged: %w", err)
	}
	s, err := OpenZip("the built-in images", bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		return nil, err
	}
	s.ThinSplit("train", classes)
	return s, nil
}
