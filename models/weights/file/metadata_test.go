package file

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadMetadata(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	want := map[string]string{"backbone": "conv4", "pipeline": `{"size":32}`}
	if err := Write(path, &Weights{Metadata: want, Tensors: []Tensor{FromFloat32("x", make([]float32, 1000), 1000)}}); err != nil {
		t.Fatal(err)
	}
	got, err := ReadMetadata(path)
	if err != nil || !maps.Equal(got, want) {
		t.Fatalf("metadata %v, error %v", got, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"short": whole[:7], "cut": whole[:40],
		"long": append([]byte("\xff\xff\xff\xff\xff"), whole[5:]...), "empty": nil,
	} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, b, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadMetadata(bad); err == nil || !strings.HasPrefix(err.Error(), bad) {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
	}
	if _, err := ReadMetadata(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
}
