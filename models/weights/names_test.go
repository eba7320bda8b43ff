package weights

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/weights/file"
)

// renamed is convFile with other names for its two parameters.
func renamed(weight, bias string) *file.Weights {
	f := convFile()
	f.Tensors[0].Name, f.Tensors[1].Name = weight, bias
	return f
}

func TestWrappersArePassedOver(t *testing.T) {
	for _, wrapper := range []string{"", "backbone.", "module.encoder.", "a.b.c.d.e.f.g.h.", "conv."} {
		f := renamed(wrapper+"conv.weight", wrapper+"conv.bias")
		f.Tensors = append(f.Tensors, file.FromFloat32("head.conv.weight", nil, 0), file.FromFloat32(wrapper+"fc.weight", nil, 0))
		fit, err := Compare(twoParams(kernels.CPU()), f, LoadOptions{Published: true})
		if err != nil || fit.Matched != 2 || !slices.Equal(fit.Extra, sorted("head.conv.weight", wrapper+"fc.weight")) {
			t.Errorf("%q: %+v, %v", wrapper, fit, err)
		}
		strict, err := Compare(twoParams(kernels.CPU()), f, LoadOptions{})
		if err != nil || (strict.Matched == 2) != (wrapper == "") {
			t.Errorf("%q, not published: %+v, %v", wrapper, strict, err)
		}
	}
	deep := renamed("a.b.c.d.e.f.g.h.i.conv.weight", "a.b.c.d.e.f.g.h.i.conv.bias")
	if fit, err := Compare(twoParams(kernels.CPU()), deep, LoadOptions{Published: true}); err != nil || fit.Matched != 0 {
		t.Errorf("nine wrappers: %+v, %v", fit, err)
	}
}

func sorted(names ...string) []string {
	slices.Sort(names)
	return names
}

// TestOneWrapperAlone: of a head and a backbone that share a name, the one with more parameters is chosen.
func TestOneWrapperAlone(t *testing.T) {
	f := renamed("backbone.conv.weight", "backbone.conv.bias")
	f.Tensors = append(f.Tensors, file.FromFloat32("a.conv.bias", []float32{1}, 1), file.FromFloat32("conv.bias", []float32{1}, 1))
	err := Load(twoParams(kernels.CPU()), f, LoadOptions{Published: true, AllowExtra: true})
	if err == nil ||
		!strings.Contains(err.Error(), `"conv.bias" and "backbone.conv.bias"`) &&
			!strings.Contains(err.Error(), `"backbone.conv.bias" and "conv.bias"`) {
		t.Errorf("two tensors for one parameter: %v", err)
	}
	f.Tensors = f.Tensors[:len(f.Tensors)-1]
	if err := Load(twoParams(kernels.CPU()), f, LoadOptions{Published: true, AllowExtra: true}); err != nil {
		t.Error(err)
	}
}

func TestTheNetworkTwice(t *testing.T) {
	f := renamed("one.conv.weight", "one.conv.bias")
	again := renamed("other.conv.weight", "other.conv.bias")
	f.Tensors = append(f.Tensors, again.Tensors[:2]...)
	_, err := Compare(twoParams(kernels.CPU()), f, LoadOptions{Published: true})
	if err == nil || !strings.Contains(err.Error(), `twice, as "one" and "other": choose one with --weights-part`) {
		t.Errorf("error %v", err)
	}
}

func TestRename(t *testing.T) {
	f := renamed("net.Conv_w", "net.Conv_b")
	o := LoadOptions{Published: true, Rename: func(name string) string {
		return strings.NewReplacer("Conv_w", "conv.weight", "Conv_b", "conv.bias").Replace(name)
	}}
	if err := Load(twoParams(kernels.CPU()), f, o); err != nil {
		t.Error(err)
	}
	f.Tensors[0].Shape = []int{2, 1, 2, 3}
	err := Load(twoParams(kernels.CPU()), f, o)
	if want := "conv.weight (net.Conv_w in the file) is F32[2 1 2 3], want [2 2 1 3]"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
	f = renamed("conv.weight", "Conv_w")
	if err := Load(twoParams(kernels.CPU()), f, o); err == nil ||
		!strings.Contains(err.Error(), `"conv.weight" and "Conv_w", would both be the parameter "conv.weight"`) {
		t.Errorf("clashing names: %v", err)
	}
}

// TestVectorsWithAxesOfOne: vectors with axes of one, as in ports from Lua and Caffe, are loaded.
func TestVectorsWithAxesOfOne(t *testing.T) {
	for _, c := range []struct {
		shape []int
		fits  bool
	}{
		{[]int{2}, true},
		{[]int{1, 2}, true},
		{[]int{1, 1, 1, 2}, true},
		{[]int{2, 1}, false},
		{[]int{1, 3}, false},
		{[]int{1}, false},
		{[]int{}, false},
	} {
		f := convFile()
		f.Tensors[1].Shape = c.shape
		if err := Load(twoParams(kernels.CPU()), f, LoadOptions{}); (err == nil) != c.fits {
			t.Errorf("%v: %v", c.shape, err)
		}
	}
}
