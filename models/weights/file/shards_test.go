package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shards writes the files of a model in two parts, with that index, and gives the index's path.
func shards(t *testing.T, index string) string {
	t.Helper()
	dir := t.TempDir()
	for name, tensors := range map[string][]Tensor{
		"one.safetensors": {FromFloat32("a", []float32{1, 2}, 2), FromFloat32("not listed", []float32{9}, 1)},
		"two.safetensors": {FromFloat32("b", []float32{3}, 1), FromFloat32("a", []float32{7, 7}, 2)},
	} {
		if err := Write(filepath.Join(dir, name), &Weights{Metadata: map[string]string{"format": "pt"}, Tensors: tensors}); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "model.safetensors.index.json")
	if err := os.WriteFile(path, []byte(index), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestShardsAreReadAsOne(t *testing.T) {
	path := shards(t, `{"metadata":{"total_size":12,"more":[{"a":[1]}]},"weight_map":{"b":"two.safetensors","a":"one.safetensors"}}`)
	o, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if got := o.Outline(); len(got.Tensors) != 2 || got.Format != formatSafetensors || got.Metadata["format"] != "pt" {
		t.Errorf("outline %+v", got)
	}
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "[1 2]", "b": "[3]"} {
		x, ok := f.Get(name)
		if !ok {
			t.Fatalf("%s is missing", name)
		}
		if v, err := x.Float32s(); err != nil || fmt.Sprint(v) != want {
			t.Errorf("%s is %v, %v; want %s", name, v, err, want)
		}
	}
}

func TestShardsRefused(t *testing.T) {
	for index, want := range map[string]string{
		`{"weight_map":{"a":"three.safetensors"}}`:                               `the file "three.safetensors", which is not beside it`,
		`{"weight_map":{"a":"one.safetensors","c":"two.safetensors"}}`:           `the first is "c" in "two.safetensors"`,
		`{"weight_map":{"b":"one.safetensors"}}`:                                 `1 tensors of its list`,
		`{"weight_map":{"a":"../one.safetensors"}}`:                              `is not the name of a file beside`,
		`{"weight_map":{"a":"/etc/passwd"}}`:                                     `is not the name of a file beside`,
		`{"weight_map":{"a":"x\\y"}}`:                                            `is not the name of a file beside`,
		`{"weight_map":{"a":".."}}`:                                              `is not the name of a file beside`,
		`{"weight_map":{"a":"."}}`:                                               `is not the name of a file beside`,
		`{"weight_map":{"a":""}}`:                                                `is not the name of a file beside`,
		`{"weight_map":{"a":"model.safetensors.index.json"}}`:                    `not that of a weights file`,
		`{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}`:           `given twice`,
		`{"weight_map":{"a":1}}`:                                                 `expected text`,
		`{"weight_map":{}}`:                                                      `without a "weight_map"`,
		`{"weight_map":[]}`:                                                      `damaged index`,
		`{"weight_map":{"a":"one.safetensors"`:                                   `damaged index`,
		`{"metadata":` + strings.Repeat("[", 1<<20):                              `damaged index`,
		`{"weight_map":{"a":"one.safetensors"},"weight_map":{"b":"two"}}`:        `given twice`,
		`{"model_type":"dinov2"}`:                                                `without a "weight_map"`,
		`{"weight_map":{"a":"one.safetensors","b":"two.safetensors","\xff":"x"}`: `not UTF-8`,
	} {
		_, err := Open(shards(t, strings.ReplaceAll(index, `\xff`, "\xff")))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "model.safetensors.index.json: ") {
			t.Errorf("%.80s: error %v, want one with %q", index, err, want)
		}
	}
}

// TestShardOfAnotherKind: a folder or a damaged file in a shard's place is named.
func TestShardOfAnotherKind(t *testing.T) {
	path := shards(t, `{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}`)
	two := filepath.Join(filepath.Dir(path), "two.safetensors")
	b, err := os.ReadFile(two)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(two, b[:len(b)-1], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), `its file "two.safetensors": tensor "b" ends`) {
		t.Errorf("truncated: %v", err)
	}
	if err := os.Remove(two); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(two, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "two.safetensors is not a regular file") {
		t.Errorf("folder: %v", err)
	}
}

func TestGGUFIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.gguf")
	if err := os.WriteFile(path, []byte("GGUF\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "a GGUF file") {
		t.Errorf("error %v", err)
	}
}

func TestQuantised(t *testing.T) {
	for want, tensors := range map[string][]Tensor{
		"": {
			{Name: "a.weight", DType: "BF16"},
			{Name: "embeddings.position_ids", DType: "I64"},
			{Name: "rng_state", DType: "U8"},
			{Name: "scale", DType: "F32"},
			{Name: "mask", DType: "BOOL"},
		},
		`the tensor "l.weight" is I8`:                         {{Name: "l.weight", DType: "I8"}},
		`the tensor "l.weight" is F8_E4M3`:                    {{Name: "l.weight", DType: "F8_E4M3"}},
		`the tensor "l.SCB"`:                                  {{Name: "l.SCB", DType: "F32"}},
		`the tensor "l.qweight"`:                              {{Name: "l.qweight", DType: "I32"}},
		`the tensor "l.weight.quant_state.bitsandbytes__nf4"`: {{Name: "l.weight.quant_state.bitsandbytes__nf4", DType: "F32"}},
		`the tensor "l.weight.absmax"`:                        {{Name: "l.weight.absmax", DType: "F32"}},
	} {
		if got := (&Weights{Tensors: tensors}).Quantised(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzParseIndex: any text gives plain names, or an error.
func FuzzParseIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":1},"weight_map":{"a":"model-1-of-2.safetensors","b":"model-2-of-2.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../x"}}`))
	f.Add([]byte(`{"weight_map":{"a":1},"x":[[[[{}]]]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		shardOf, err := parseIndex(b)
		if (err == nil) != (len(shardOf) > 0) {
			t.Fatalf("%d names, error %v", len(shardOf), err)
		}
		for _, name := range shardOf {
			if filepath.Dir(filepath.Join("/folder", name)) != "/folder" || strings.ContainsAny(name, "/\\") {
				t.Fatalf("%q lies elsewhere", name)
			}
		}
	})
}
