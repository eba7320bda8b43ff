package convert

import (
	"bytes"
	"context"
	"encoding/base64"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/report/projector"
)

// TestTable: the columns that the metadata describes are those of the table, all optional, and row groups are bounded.
func TestTable(t *testing.T) {
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 2048, collectiontest.Items(5000))
	out := filepath.Join(t.TempDir(), "t.parquet")
	if _, err := Run(context.Background(), c.Path, "parquet", out, Options{}); err != nil {
		t.Fatal(err)
	}
	b := content(t, filepath.Dir(out))["t.parquet"]
	f, err := parquet.OpenFile(strings.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	j := &job{c: c}
	columns := j.columns()
	fields := f.Schema().Fields()
	if len(columns) != len(fields) {
		t.Fatalf("%d columns, described are %d", len(fields), len(columns))
	}
	for i, field := range fields {
		if field.Name() != columns[i].name || !field.Optional() {
			t.Errorf("column %d is %s (optional: %t), described is %s", i, field.Name(), field.Optional(), columns[i].name)
		}
	}
	if n := len(f.RowGroups()); n != 2 {
		t.Errorf("%d row groups of 40 MB of vectors", n)
	}
	blob, ok := f.Lookup("ARROW:schema")
	schema, err := base64.StdEncoding.DecodeString(blob)
	if !ok || err != nil || !bytes.HasPrefix(schema, []byte{0xff, 0xff, 0xff, 0xff}) || len(schema)%8 != 0 {
		t.Errorf("the Arrow schema: %v, %v", ok, err)
	}
	if model, _ := f.Lookup("model"); model != collectiontest.Model {
		t.Errorf("the model is %q", model)
	}
}

// TestSample: beyond the projector's limit there are so many points at equal distances, and the reason.
func TestSample(t *testing.T) {
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 1, collectiontest.Items(projector.MaxPoints+1))
	r, err := Run(context.Background(), c.Path, "tensorboard", filepath.Join(t.TempDir(), "board"), Options{})
	if err != nil || r.Images != projector.MaxPoints || r.Total != projector.MaxPoints+1 || r.Limit != "the projector takes 100000 points" {
		t.Errorf("%+v, %v", r, err)
	}
	j := &job{live: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, r: &Result{}}
	j.sample(4, "why")
	if !slices.Equal(j.live, []int{0, 2, 5, 7}) || j.r.Limit != "why" {
		t.Errorf("%v", j.live)
	}
}

// TestTableHasTheMap: the places of the images where the collection has a map of them, and null elsewhere.
func TestTableHasTheMap(t *testing.T) {
	items := collectiontest.Items(3)
	items[1].Gone = true
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 2, items)
	table := func() []tableRow {
		out := filepath.Join(t.TempDir(), "t.parquet")
		if _, err := Run(context.Background(), c.Path, "parquet", out, Options{}); err != nil {
			t.Fatal(err)
		}
		rows, err := parquet.ReadFile[tableRow](out)
		if err != nil || len(rows) != 2 {
			t.Fatal(len(rows), err)
		}
		return rows
	}
	if rows := table(); rows[0].MapX != nil || rows[1].MapY != nil {
		t.Error("places without a map")
	}
	nan := float32(math.NaN())
	if err := c.SetMap(&collection.Map{Images: 2, At: []float32{1, 2, nan, nan, 5, 6}}); err != nil {
		t.Fatal(err)
	}
	if rows := table(); *rows[0].MapX != 1 || *rows[0].MapY != 2 || *rows[1].MapX != 5 || *rows[1].MapY != 6 {
		t.Error("other places than those of the map")
	}
}
