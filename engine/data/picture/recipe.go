package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/data/baddata"
)

// shorter and shorterFloor scale the shorter side and keep the square in the middle. Where its corner would lie between two pixels,
// torchvision takes the even one, and the image processors of transformers the lower one.
const (
	shorter      = "shorter"
	shorterFloor = "shorter-floor"
)

// resizeModes are the ways to make an image square; the first is the default.
var resizeModes = []string{"squash", shorter, shorterFloor}

// ResizeModes are the values of Target.ResizeMode.
func ResizeModes() []string { return slices.Clone(resizeModes) }

// Interpolations are the values of Target.Interpolation.
func Interpolations() []string {
	var names []string
	for _, kind := range interpolations {
		names = append(names, kind.name)
	}
	return names
}

// recipeVersion is increased when the same options give other bytes than before.
const recipeVersion = 1

// Target is the form of the resized images: squares of one size.
type Target struct {
	Size, Channels int    // Channels is 1 or 3
	ResizeMode     string // squash, or shorter and shorter-floor: the shorter side becomes Size, the middle is kept; "": squash
	Interpolation  string // bilinear, bicubic or lanczos, antialiased; "": bilinear
}

// Recipe is one line with everything that decides the bytes of a cached image except the image itself and the JPEG decoder. Equal
// recipes give equal bytes.
func (o Target) Recipe() string {
	o = o.withDefaults()
	return fmt.Sprintf(
		"version=%d size=%d channels=%d resize-mode=%s interpolation=%s",
		recipeVersion,
		o.Size,
		o.Channels,
		o.ResizeMode,
		o.Interpolation,
	)
}

// withDefaults fills in the defaults.
func (o Target) withDefaults() Target {
	o.ResizeMode = cmp.Or(o.ResizeMode, resizeModes[0])
	o.Interpolation = cmp.Or(o.Interpolation, interpolations[0].name)
	return o
}

// Check is an error for invalid options.
func (o Target) Check() error {
	o = o.withDefaults()
	switch {
	case o.Size < 1 || (o.Channels != 1 && o.Channels != 3):
		return baddata.Errorf("images of size %d with %d channels cannot be cached: expected 1 or 3 channels", o.Size, o.Channels)
	case !slices.Contains(resizeModes, o.ResizeMode):
		return baddata.Errorf("resize mode %q is not known: expected one of %s", o.ResizeMode, strings.Join(resizeModes, ", "))
	case !slices.Contains(Interpolations(), o.Interpolation):
		return baddata.Errorf("interpolation %q is not known: expected one of %s", o.Interpolation, strings.Join(Interpolations(), ", "))
	}
	return nil
}

// interpolation is the kernel named by o, which was checked.
func (o Target) interpolation() interpolation {
	name := o.withDefaults().Interpolation
	return interpolations[slices.IndexFunc(interpolations, func(kind interpolation) bool { return kind.name == name })]
}
