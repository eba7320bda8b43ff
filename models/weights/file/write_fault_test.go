package file

import (
	"bytes"
	"testing"

	"udml-gpu/models/disk"
	"udml-gpu/models/disk/faultfs"
)

const written = "/out/embeddings.safetensors"

// oldWeights is a disk with a weights file that will be replaced.
func oldWeights(t *testing.T, old *Weights) *faultfs.Disk {
	t.Helper()
	d := faultfs.NewDisk("/out")
	if err := write(d, written, old); err != nil {
		t.Fatal(err)
	}
	return d
}

// weightsOn reads the weights file on fsys.
func weightsOn(t *testing.T, fsys disk.FS) []byte {
	t.Helper()
	b, err := faultfs.Read(fsys, written)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// twoFiles are an old and a new weights file, with the bytes of each.
func twoFiles(t *testing.T) (old, after *Weights, oldBytes, newBytes []byte) {
	t.Helper()
	old = &Weights{Tensors: []Tensor{FromFloat32("x", []float32{1, 2}, 2)}}
	after = &Weights{
		Metadata: map[string]string{"layer": "embedding"},
		Tensors:  []Tensor{FromFloat32("x", []float32{3, 4, 5}, 3), FromFloat64("y", []float64{6}, 1)},
	}
	return old, after, weightsOn(t, oldWeights(t, old)), weightsOn(t, oldWeights(t, after))
}

// TestWriteThroughFaults: whichever operation fails, and however, the error is reported, the file has its old or all of the
// new content, and the next attempt on a healthy disk replaces it.
func TestWriteThroughFaults(t *testing.T) {
	old, after, oldBytes, newBytes := twoFiles(t)
	count := &faultfs.Failing{FS: oldWeights(t, old)}
	if err := write(count, written, after); err != nil || count.Ops() < 7 {
		t.Fatalf("%d operations, %v", count.Ops(), err)
	}
	for _, f := range faultfs.Faults() {
		if f.How == faultfs.Altered {
			continue // weights files are not read back after writing
		}
		for k := 1; k <= count.Ops(); k++ {
			d := oldWeights(t, old)
			err := write(f.On(d, k), written, after)
			if err == nil && f.Err != nil {
				t.Fatalf("operation %d, %v: no error", k, f)
			}
			if got := weightsOn(t, d); !bytes.Equal(got, newBytes) && (err == nil || !bytes.Equal(got, oldBytes)) {
				t.Fatalf("operation %d, %v: %v, and the file holds %q", k, f, err, got)
			}
			if err := write(d, written, after); err != nil || !bytes.Equal(weightsOn(t, d), newBytes) {
				t.Fatalf("operation %d, %v: written again: %v", k, f, err)
			}
			if entries, err := d.ReadDir("/out"); err != nil || len(entries) != 1 && !f.Gone && f.How != faultfs.Late {
				t.Fatalf("operation %d, %v: %v lie there, %v", k, f, entries, err)
			}
		}
	}
}

// TestPowerCutWhileWeightsAreWritten stops after every operation and loses what was not synced.
func TestPowerCutWhileWeightsAreWritten(t *testing.T) {
	old, after, oldBytes, newBytes := twoFiles(t)
	cuts := 0
	for done := false; !done; {
		cuts++
		d := oldWeights(t, old)
		err := write(faultfs.Stop.On(d, cuts), written, after)
		done = err == nil
		for cut, left := range d.PowerCuts() {
			if got := weightsOn(t, left); !bytes.Equal(got, newBytes) && (done || !bytes.Equal(got, oldBytes)) {
				t.Fatalf("stopped at %d, %s: the file holds %q", cuts, cut, got)
			}
		}
	}
	if cuts < 8 {
		t.Errorf("only %d operations", cuts-1)
	}
}
