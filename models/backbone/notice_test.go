package backbone

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestNetworkGoldensNotice: the bounds are narrow enough for one bias that is left out deep inside, and for a filter that is a
// ten-thousandth off.
func TestNetworkGoldensNotice(t *testing.T) {
	for fault, change := range map[string]func(p *tape.Param){
		"no bias": func(p *tape.Param) {
			if p.Name == "features.7.squeeze.bias" {
				kernels.Data[float32](p.Value)[0] = 0
			}
		},
		"filter": func(p *tape.Param) {
			if p.Name == "features.7.squeeze.weight" {
				for i := range 8 {
					kernels.Data[float32](p.Value)[i] *= 1.0001
				}
			}
		},
	} {
		t.Run(fault, func(t *testing.T) {
			r, dev := &golden.Recorder{TB: t}, kernels.CPU()
			network(&graph{t: r, dt: kernels.Float32, dev: dev, store: layer.NewStore(dev, kernels.Float32, 0), fault: change},
				"squeezenet")
			if !r.Failed() {
				t.Errorf("squeezenet passes with this fault: %s", fault)
			}
		})
	}
}
