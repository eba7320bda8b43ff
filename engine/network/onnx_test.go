package network

import (
	"bytes"
	"testing"

	"udml-gpu/kernels"
)

// TestONNXOfBFloat16: a network that computes in bfloat16 is exported as one that computes in float32, with the parameters as they are.
func TestONNXOfBFloat16(t *testing.T) {
	for _, name := range []string{"conv4", "clip:dim=64,depth=1,heads=1,gelu=quick,out=64", "dinov2:dim=64,depth=1,heads=1,patch=8"} {
		var files [2]bytes.Buffer
		for i, precision := range []kernels.Precision{kernels.FP32, kernels.BF16} {
			m, err := scratchNetworkOn(t, kernels.CPUAt(precision), name, 3, 32).ONNX(false, true)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Write(&files[i]); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
			t.Errorf("%s: the model differs", name)
		}
	}
}
