package push_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/collection/convert"
	"udml-gpu/engine/collection/push"
)

// TestScript: psql makes of convert's CSV file and SQL the table that push makes, and push goes on with it.
func TestScript(t *testing.T) {
	url := push.Database(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "it's.udml")
	collectiontest.Make(t, path, 8, collectiontest.Items(50, push.Hostile...))
	if _, err := convert.Run(context.Background(), path, "pgvector", filepath.Join(dir, "it's.csv"), convert.Options{}); err != nil {
		t.Fatal(err)
	}
	psql := push.Program("psql", url, "--set", "ON_ERROR_STOP=1", "--no-psqlrc", "--file", "it's.sql")
	psql.Dir, psql.SysProcAttr = dir, nil
	if out, err := psql.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if r := push.RunIt(t, path, url, push.Options{}); r.Unchanged != 50 || r.Sent != 0 || r.Table != "it_s" {
		t.Errorf("%+v", r)
	}
	push.RunIt(t, path, url, push.Options{Table: "pushed"})
	if a, b := push.Dump(t, url, "it_s"), push.Dump(t, url, "pushed"); !slices.Equal(a, b) {
		t.Errorf("the tables differ: %q, %q", a[0], b[0])
	}
	if n := push.Query(t, url, "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%hnsw%'"); len(n) != 2 {
		t.Errorf("indexes: %q", n)
	}
}
