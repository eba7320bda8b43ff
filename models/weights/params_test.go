package weights

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// twoParams are a convolution OHWI [2,1,3,2] (O,H,W,I) and a bias.
func twoParams(dev *kernels.Device) []*tape.Param {
	return []*tape.Param{
		{Name: "conv.weight", Value: dev.New(kernels.Float32, 2, 1, 3, 2), Conv: true},
		{Name: "conv.bias", Value: dev.New(kernels.Float64, 2)},
	}
}

func convFile() *file.Weights {
	oihw := []float32{0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112} // 100 o + 10 i + w
	return &file.Weights{Tensors: []file.Tensor{
		file.FromFloat32("conv.weight", oihw, 2, 2, 1, 3), file.FromFloat32("conv.bias", []float32{5, 6}, 2),
		{Name: "bn.num_batches_tracked", DType: "I64", Data: make([]byte, 8)},
	}}
}

func TestLoadAndDumpTranspose(t *testing.T) {
	params := twoParams(kernels.CPU())
	if err := Load(params, convFile(), LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 10, 1, 11, 2, 12, 100, 110, 101, 111, 102, 112}
	if got := kernels.Data[float32](params[0].Value); !slices.Equal(got, want) {
		t.Errorf("OHWI is %v, want %v", got, want)
	}
	if got := kernels.Data[float64](params[1].Value); !slices.Equal(got, []float64{5, 6}) {
		t.Errorf("bias is %v", got)
	}
	dump := Dump(params)
	if !slices.Equal(dump[0].Data, convFile().Tensors[0].Data) || !slices.Equal(dump[0].Shape, []int{2, 2, 1, 3}) {
		t.Errorf("dumped %v", dump[0])
	}
	if dump[1].DType != "F64" {
		t.Errorf("a float64 parameter is dumped as %s", dump[1].DType)
	}
}

func TestLoadNamesWhatDoesNotFit(t *testing.T) {
	f := convFile()
	f.Tensors[0].Name = "conv.weights"
	f.Tensors[1].Shape = []int{2, 1}
	params := twoParams(kernels.CPU())
	kernels.Data[float32](params[0].Value)[0] = 7
	err := Load(params, f, LoadOptions{})
	for _, want := range []string{"1 missing (conv.weight)", "conv.bias is F32[2 1], want [2]", "1 unexpected (conv.weights)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	if kernels.Data[float32](params[0].Value)[0] != 7 {
		t.Error("a refused file changed a parameter")
	}
	f = convFile()
	f.Tensors = append(f.Tensors, file.FromFloat32("classifier", nil, 0))
	if err := Load(params, f, LoadOptions{}); err == nil {
		t.Error("an extra tensor was not noticed")
	}
	if err := Load(params, f, LoadOptions{AllowExtra: true}); err != nil {
		t.Error(err)
	}
}
