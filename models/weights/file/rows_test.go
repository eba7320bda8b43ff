package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/models/disk/faultfs"
)

// oddNames need escapes in JSON, some of them double ones.
var oddNames = []string{"a.png", `quote".png`, `back\slash`, "<&>.png", "tab\t", "\u2028", "Ünïcode/画像.png", "\x00\x1f\x7f", ""}

// rowsOf writes n rows of three columns in several parts, and returns the file's bytes and those of Write for all at once.
func rowsOf(t *testing.T, n int, meta map[string]Text, plain map[string]string) (got, want []byte) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "rows.safetensors")
	r, err := NewRows(path, "embeddings", 3)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, 0, 3*n)
	for i := range 3 * n {
		values = append(values, float32(i)/7)
	}
	for left := values; len(left) > 0; {
		part := min(len(left), 15)
		if err := r.Add(left[:part]); err != nil {
			t.Fatal(err)
		}
		left = left[part:]
	}
	if err := r.Write(meta); err != nil || r.Len() != n {
		t.Fatalf("%d rows, %v", r.Len(), err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Fatalf("%v lie there, %v", entries, err)
	}
	if got, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Encode(&b, &Weights{Metadata: plain, Tensors: []Tensor{FromFloat32("embeddings", values, n, 3)}}); err != nil {
		t.Fatal(err)
	}
	return got, b.Bytes()
}

// TestRowsAreAFileOfWeights: rows one after the other, and metadata in pieces, give the bytes of a file written at once.
func TestRowsAreAFileOfWeights(t *testing.T) {
	list, err := json.Marshal(oddNames)
	if err != nil {
		t.Fatal(err)
	}
	names := func(yield func(string) bool) {
		between := "["
		for _, name := range oddNames {
			quoted, err := json.Marshal(name)
			if err != nil || !yield(between+string(quoted)) {
				return
			}
			between = ","
		}
		yield("]")
	}
	for _, n := range []int{0, 1, 5, 6, 1000} {
		meta := map[string]Text{"names": names, "layer": Plain("pooled")}
		got, want := rowsOf(t, n, meta, map[string]string{"names": string(list), "layer": "pooled"})
		if !bytes.Equal(got, want) {
			t.Errorf("%d rows: %q, want %q", n, got[:min(len(got), 400)], want[:min(len(want), 400)])
		}
		if got, want := rowsOf(t, n, nil, nil); !bytes.Equal(got, want) {
			t.Errorf("%d rows without metadata differ", n)
		}
	}
}

// TestRowsFaults: an unwritable folder and a text that is not UTF-8 are errors, and leave the old file.
func TestRowsFaults(t *testing.T) {
	if _, err := NewRows(filepath.Join(t.TempDir(), "none", "x"), "x", 1); err == nil {
		t.Error("a folder that is not there was written to")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := NewRows(path, "x", 2)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Add([]float32{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(map[string]Text{"names": Plain("a\xff")}); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "before" {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v lie there, %v", entries, err)
	}
}

// fourNumbers are two rows of two columns that replace an old file, with the bytes of both.
func fourNumbers(t *testing.T) (r *Rows, old *Weights, oldBytes, newBytes []byte) {
	t.Helper()
	old = &Weights{Tensors: []Tensor{FromFloat32("x", []float32{1, 2}, 2)}}
	r, err := NewRows(filepath.Join(t.TempDir(), "rows"), "embeddings", 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if err := r.Add([]float32{3, 4, 5, 6}); err != nil {
		t.Fatal(err)
	}
	r.path = written
	d := oldWeights(t, old)
	if err := r.write(d, nil); err != nil {
		t.Fatal(err)
	}
	return r, old, weightsOn(t, oldWeights(t, old)), weightsOn(t, d)
}

// TestRowsThroughFaults: whichever operation on the disk fails, the file has its old content or all rows.
func TestRowsThroughFaults(t *testing.T) {
	r, old, oldBytes, newBytes := fourNumbers(t)
	count := &faultfs.Failing{FS: oldWeights(t, old)}
	if err := r.write(count, nil); err != nil || count.Ops() < 7 {
		t.Fatalf("%d operations, %v", count.Ops(), err)
	}
	for _, f := range faultfs.Faults() {
		if f.How == faultfs.Altered {
			continue // only checkpoints are read back
		}
		for k := 1; k <= count.Ops(); k++ {
			d := oldWeights(t, old)
			err := r.write(f.On(d, k), nil)
			if err == nil && f.Err != nil {
				t.Fatalf("operation %d, %v: no error", k, f)
			}
			if got := weightsOn(t, d); !bytes.Equal(got, newBytes) && (err == nil || !bytes.Equal(got, oldBytes)) {
				t.Fatalf("operation %d, %v: %v, and the file holds %q", k, f, err, got)
			}
			if err := r.write(d, nil); err != nil || !bytes.Equal(weightsOn(t, d), newBytes) {
				t.Fatalf("operation %d, %v: written again: %v", k, f, err)
			}
		}
	}
}

// TestPowerCutWhileRowsAreWritten stops after every operation and loses what was not synced.
func TestPowerCutWhileRowsAreWritten(t *testing.T) {
	r, old, oldBytes, newBytes := fourNumbers(t)
	cuts := 0
	for done := false; !done; {
		cuts++
		d := oldWeights(t, old)
		err := r.write(faultfs.Stop.On(d, cuts), nil)
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

// BenchmarkRows writes 10,000 rows of 128 columns.
func BenchmarkRows(b *testing.B) {
	rows := make([]float32, 64*128)
	dir := b.TempDir()
	for b.Loop() {
		r, err := NewRows(filepath.Join(dir, "x"), "x", 128)
		if err != nil {
			b.Fatal(err)
		}
		for range 10_000 / 64 {
			if err := r.Add(rows); err != nil {
				b.Fatal(err)
			}
		}
		if err := r.Write(map[string]Text{"a": Plain(fmt.Sprint(1))}); err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
