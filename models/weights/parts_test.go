package weights

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/weights/file"
)

// behind is a file with the two parameters behind each of the beginnings.
func behind(beginnings ...string) *file.Weights {
	f := &file.Weights{}
	for _, b := range beginnings {
		f.Tensors = append(f.Tensors, renamed(b+"conv.weight", b+"conv.bias").Tensors[:2]...)
	}
	return f
}

func choose(f *file.Weights, part string) (Choice, error) {
	return LoadOptions{Published: true, Part: part}.Choose(twoParams(kernels.CPU()), f)
}

// TestConventions: files of known programs, and the network in them that these programs evaluate.
func TestConventions(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"module.encoder_q. module.encoder_k.", "module.encoder_q."},
		{"encoder_k. encoder_q.", "encoder_q."},
		{"state_dict.module.encoder_q. state_dict.module.encoder_k.", "state_dict.module.encoder_q."},
		{"module.base_encoder. module.momentum_encoder.", "module.base_encoder."},
		{"student.module.backbone. teacher.backbone.", "teacher.backbone."},
		{"teacher. student.", "teacher."},
		{"student_backbone. teacher_backbone.", "teacher_backbone."},
		{"backbone. momentum_backbone.", "backbone."},
		{"state_dict.momentum_backbone. state_dict.backbone.", "state_dict.backbone."},
		{"backbone. backbone_momentum.", "backbone."},
		{"model.backbone. model.student_backbone.", "model.backbone."},
		{"backbone. encoder_q.0. encoder_k.0.", "backbone."},
		{"backbone. online_net.0. target_net.0.", "backbone."},
		{"net. online_encoder.net. target_encoder.net.", "online_encoder.net."},
		{"online_encoder.net. target_encoder.net.", "online_encoder.net."},
		{"online_network.encoder. target_network.encoder.", "online_network.encoder."},
		{"online_network_state_dict.encoder. target_network_state_dict.encoder.", "online_network_state_dict.encoder."},
		{"state_dict. state_dict_ema.", "state_dict_ema."},
		{"state_dict_ema.module. state_dict.module.", "state_dict_ema.module."},
		{"model. model_ema.module.", "model_ema.module."},
		{"module.encoder.", "module.encoder."}, // SimSiam, SwAV, Barlow Twins: one network
		{"classy_state_dict.base_model.model.trunk._feature_blocks.", "classy_state_dict.base_model.model.trunk._feature_blocks."},
	} {
		f := behind(strings.Fields(c.file)...)
		got, err := choose(f, "")
		if err != nil || got.Beginning != c.want || (got.Why == "") != (len(got.Parts) == 1) ||
			len(got.Parts) != len(strings.Fields(c.file)) {
			t.Errorf("%s: %+v, %v; want %s", c.file, got, err, c.want)
		}
	}
}

// TestUnknownParts: without a convention the choice is an error and not a guess.
func TestUnknownParts(t *testing.T) {
	for file, want := range map[string]string{
		"one. other.":                          `twice, as "one" and "other": choose one with --weights-part`,
		"teacher. student. ema.":               `3 times, as "teacher" and "student" and "ema"`,
		"state_dict. best_state_dict.":         `"state_dict" and "best_state_dict"`,
		"net. model.":                          `"net" and "model"`,
		"a.encoder_q. b.encoder_q. encoder_k.": `"a" and "b" and "encoder_k"`,
		"state_dict.a.x. state_dict.a.y.":      `"x" and "y"`,
		"a. a.b.":                              `"a" and "b"`,
	} {
		if c, err := choose(behind(strings.Fields(file)...), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, error %v, want one with %s", file, c, err, want)
		}
	}
	f := behind("", "ema.")
	if _, err := choose(f, ""); err == nil || !strings.Contains(err.Error(), `as "." and "ema"`) {
		t.Errorf("a network without a beginning: %v", err)
	}
	if c, err := choose(f, "."); err != nil || c.Beginning != "" {
		t.Errorf("it is asked for: %+v, %v", c, err)
	}
}

// TestManyParts: a file that holds the network any number of times takes bounded work.
func TestManyParts(t *testing.T) {
	var names []string
	for i := range 2000 {
		names = append(names, fmt.Sprintf("a%d.", i))
	}
	for _, part := range []string{"", "a1"} {
		c, err := choose(behind(names...), part)
		if err == nil || !strings.Contains(err.Error(), "2000 times") || len(c.Parts) != maxParts {
			t.Errorf("%q: %d parts, %v", part, len(c.Parts), err)
		}
	}
}

// TestPartIsNamed: by a unique word, by some of its words, or by its whole beginning.
func TestPartIsNamed(t *testing.T) {
	f := behind("student.module.backbone.", "teacher.backbone.")
	f.Tensors = append(f.Tensors, file.FromFloat32("center.conv.bias", []float32{1, 2}, 2))
	for part, want := range map[string]string{
		"student": "student.module.backbone.", "teacher": "teacher.backbone.", "module": "student.module.backbone.",
		"module.backbone": "student.module.backbone.", "teacher.backbone": "teacher.backbone.", "teacher.backbone.": "teacher.backbone.",
		"center": "center.", // which lacks something: the error is for Load to say
	} {
		if c, err := choose(f, part); err != nil || c.Beginning != want || c.Why != "" {
			t.Errorf("%s: %+v, %v; want %s", part, c, err, want)
		}
	}
	for part, want := range map[string]string{
		"backbone": `--weights-part backbone fits more than one part: choose "student" and "teacher"`,
		"stud":     `no part of the file has this name: choose "student" and "teacher"`, "x.y": "no part", "..": "no part",
	} {
		if c, err := choose(f, part); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, error %v, want one with %s", part, c, err, want)
		}
	}
	if c, err := choose(behind(), "teacher"); err == nil || !strings.Contains(err.Error(), "none holds the network") {
		t.Errorf("an empty file: %+v, %v", c, err)
	}
}

// TestPartsHaveShapes: a larger teacher with the same names is not a second network.
func TestPartsHaveShapes(t *testing.T) {
	f := behind("one.", "other.")
	f.Tensors[2].Shape = []int{2, 1, 2, 3}
	c, err := choose(f, "")
	if err != nil || c.Beginning != "one." || len(c.Parts) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	f.Tensors[0].DType = "I64"
	c, err = choose(f, "")
	if err != nil || len(c.Parts) != 0 {
		t.Errorf("of whole numbers: %+v, %v", c, err)
	}
}

// TestLoadRefusesNumbers: unusable numbers are named and counted, and nothing is changed.
func TestLoadRefusesNumbers(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	half := file.Tensor{Name: "conv.bias", DType: "F16", Shape: []int{2}, Data: []byte{0, 0x7c, 1, 0xfc}}   // infinite, NaN
	brain := file.Tensor{Name: "conv.bias", DType: "BF16", Shape: []int{2}, Data: []byte{0x80, 0x7f, 0, 0}} // infinite, 0
	for what, c := range map[string]struct {
		bias file.Tensor
		bad  int
	}{
		"NaN":               {file.FromFloat32("conv.bias", []float32{1, nan}, 2), 1},
		"infinite":          {file.FromFloat32("conv.bias", []float32{inf, nan}, 2), 2},
		"half":              {half, 2},
		"bfloat16":          {brain, 1},
		"double too large":  {file.FromFloat64("conv.bias", []float64{1e39, 3e38}, 2), 1},
		"largest and least": {file.FromFloat32("conv.bias", []float32{math.MaxFloat32, math.SmallestNonzeroFloat32}, 2), 0},
	} {
		f := convFile()
		f.Tensors[1] = c.bias
		params := twoParams(kernels.CPU())
		params[1].Value = kernels.CPU().New(kernels.Float32, 2)
		err := Load(params, f, LoadOptions{})
		bad, ok := err.(*NumbersError)
		if ok != (c.bad > 0) || ok && (bad.Bad != c.bad || bad.Of != 2 || bad.Tensor != "conv.bias") {
			t.Errorf("%s: %v", what, err)
		}
		if ok && kernels.Read[float32](params[0].Value)[0] != 0 {
			t.Errorf("%s: the other parameter was changed", what)
		}
	}
	f := convFile()
	f.Tensors[1] = file.FromFloat64("conv.bias", []float64{1e39, 0}, 2)
	if err := Load(twoParams(kernels.CPU()), f, LoadOptions{}); err != nil {
		t.Errorf("what float64 holds: %v", err)
	}
	f.Tensors = append(f.Tensors, file.FromFloat32("fc.weight", []float32{nan}, 1))
	if err := Load(twoParams(kernels.CPU()), f, LoadOptions{AllowExtra: true}); err != nil {
		t.Errorf("in a tensor without a parameter: %v", err)
	}
}

// TestNoVarianceBelowZero: a variance below zero is refused, because its root is NaN.
func TestNoVarianceBelowZero(t *testing.T) {
	params := twoParams(kernels.CPU())[1:]
	params[0].Name = "bn.running_var"
	for _, c := range []struct {
		values []float32
		good   bool
	}{{[]float32{0, 1}, true}, {[]float32{1, -1e-3}, false}} {
		err := Load(params, &file.Weights{Tensors: []file.Tensor{file.FromFloat32("bn.running_var", c.values, 2)}}, LoadOptions{})
		if (err == nil) != c.good ||
			err != nil && !strings.Contains(err.Error(), `"bn.running_var" holds 1 of 2 numbers that are below 0`) {
			t.Errorf("%v: %v", c.values, err)
		}
	}
}
