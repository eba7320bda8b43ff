package groups

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// The table has a row for each image in the order of the collection, in CSV as in Parquet.
func TestTables(t *testing.T) {
	c := blobs(t, 30, 3)
	r := find(t, c, Request{Method: "kmeans", K: 3})
	r.Of[4] = -1
	table, text := filepath.Join(t.TempDir(), "g.parquet"), filepath.Join(t.TempDir(), "g.csv")
	if err := r.WriteParquet(table, c); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteCSV(text, c); err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.ReadFile[groupRow](table)
	if err != nil || len(rows) != 30 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	f, err := os.Open(text)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) != 31 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	medoids := 0
	for n, row := range rows {
		if row.Path != c.Items[n].Path || *row.Group != r.Of[n] || (row.Name == "") != (n == 4) {
			t.Errorf("row %d: %+v", n, row)
		}
		want := []string{row.Path, row.ID, strconv.Itoa(int(*row.Group)), row.Name, strconv.FormatBool(*row.Medoid)}
		for k, field := range lines[n+1] {
			if field != want[k] {
				t.Errorf("line %d: %q, want %q", n, field, want[k])
			}
		}
		if *row.Medoid {
			medoids++
		}
	}
	if medoids != 3 && r.Central[0] != r.Items[4] {
		t.Errorf("%d medoids", medoids)
	}
}

// Folders appear when they are complete: while they are filled, and after an error, there is nothing of that name. The folder above is
// made.
func TestFill(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "new", "groups")
	err := fill(folder, func(fresh string) error {
		if _, err := os.Stat(folder); err == nil {
			t.Error("the folder is there before it is complete")
		}
		if _, err := freeName(filepath.Join(fresh, "0 cats"), "a.jpg"); err != nil {
			return err
		}
		_, err := os.ReadFile(filepath.Join(fresh, "missing"))
		return err
	})
	list, _ := os.ReadDir(filepath.Join(dir, "new"))
	if err == nil || err.Error() != folder+" cannot be filled: no such file or directory" || len(list) != 0 {
		t.Errorf("%v, left %v", err, list)
	}
	if err := fill(folder, func(string) error { return nil }); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(folder); err != nil {
		t.Error(err)
	}
}
