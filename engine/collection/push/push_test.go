package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
)

// hostile are paths that need care: quotes, line ends, a byte that is not UTF-8, beyond ASCII in byte order.
var hostile = []string{"a\nb.jpg", `c"d,e.jpg`, "caf\xe9.jpg", "café.jpg", "z' OR 1=1.jpg", "日本/1.jpg", "Ärger.jpg"}

// dump is the table's content as text.
func dump(t *testing.T, url, table string) []string {
	return query(t, url, "SELECT row_to_json(t)::text FROM "+table+" t ORDER BY path")
}

func run(t *testing.T, path, url string, o Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), path, url, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPush: the table has the collection's rows, unchanged ones are not sent again, changes and images that are gone are followed.
func TestPush(t *testing.T) {
	url := database(t)
	path := filepath.Join(t.TempDir(), "My Photos.udml")
	items := collectiontest.Items(300, hostile...)
	items[20].Gone = true
	c := collectiontest.Make(t, path, 8, items)
	r := run(t, path, url, Options{})
	if r.Table != "my_photos" || r.Rows != 299 || r.Sent != 299 || r.Index != "hnsw" || strings.Contains(r.Database, "s3cret") {
		t.Errorf("%+v", r)
	}
	wantRows(t, url, c)
	if n := query(t, url, "SELECT indexdef FROM pg_indexes WHERE indexname = 'my_photos_embedding_hnsw'"); len(n) != 1 ||
		!strings.Contains(n[0], "hnsw (embedding vector_cosine_ops)") {
		t.Errorf("the index is %v", n)
	}
	if r := run(t, path, url, Options{}); r.Sent != 0 || r.Unchanged != 299 || r.Removed != 0 {
		t.Errorf("without a change: %+v", r)
	}
	items[20].Gone, items[3].Gone, items[4].Gone = false, true, true
	items[7].Label = "another"
	c = collectiontest.Make(t, path, 8, items)
	if r := run(t, path, url, Options{}); r.Sent != 2 || r.Unchanged != 296 || r.Removed != 2 || r.Rows != 298 {
		t.Errorf("after changes: %+v", r)
	}
	wantRows(t, url, c)
}

// wantRows compares every value of the table with the collection.
func wantRows(t *testing.T, url string, c *collection.Collection) {
	t.Helper()
	var want []string
	for _, i := range c.Live() {
		f := Fields(c, i)
		want = append(want, fmt.Sprint(f[0], "|", f[1], "|", f[2], "|", f[3], "|", f[4], "|", vectorText(c.Row(i))))
	}
	slices.Sort(want)
	got := query(t, url, `SELECT concat(path, '|', id, '|', label, '|', split, '|', sha256, '|', embedding::text) FROM my_photos`)
	slices.Sort(got)
	for i := range want {
		if i >= len(got) || plain(got[i]) != plain(want[i]) {
			t.Fatalf("%d rows, want %d; row %d is %q, want %q", len(got), len(want), i, got[min(i, len(got)-1)], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// plain has exponents as PostgreSQL writes them.
func plain(s string) string { return strings.ReplaceAll(s, "e-05", "e-5") }

// TestPushRefuses: a table of another model, of other images, and one that is not ours stay as they are.
func TestPushRefuses(t *testing.T) {
	url := database(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	collectiontest.Make(t, at("a.udml"), 8, collectiontest.Items(10))
	run(t, at("a.udml"), url, Options{})
	before := dump(t, url, "a")
	query(t, url, "CREATE TABLE mine (x int)")
	collectiontest.Make(t, at("wide.udml"), 9, collectiontest.Items(10))
	for name, change := range map[string][2]string{
		"model.udml":  {collectiontest.Model, strings.Repeat("cd", 32)},
		"shared.udml": {at("photos"), at("pictures")}, // of the same images in another folder
		"split.udml":  {`"split": "all"`, `"split": "train"`},
	} {
		collectiontest.Make(t, at(name), 8, collectiontest.Items(10))
		rewrite(t, at(name), change[0], change[1])
	}
	collectiontest.Make(t, at("others.udml"), 8, collectiontest.Items(3, "x/1.jpg", "x/2.jpg", "x/3.jpg"))
	changed := collectiontest.Items(10) // the same names, as those of cameras, and other images
	for i := range changed {
		changed[i].SHA256 = strings.Repeat("0", 63) + strconv.Itoa(i)
	}
	collectiontest.Make(t, at("changed.udml"), 8, changed)
	collectiontest.Make(t, at("long.udml"), maxDimensions+1, collectiontest.Items(1))
	for _, c := range []struct{ path, table, want string }{
		{"wide.udml", "a", "holds vectors of another model"},
		{"model.udml", "a", "holds vectors of another model"},
		{"others.udml", "a", "holds 10 other images and none of"},
		{"changed.udml", "a", "holds 10 other images and none of"},
		{"shared.udml", "a", "belongs to another collection, of the split all of " + at("photos") + ": name another --table, or give"},
		{"split.udml", "a", "belongs to another collection, of the split all of"},
		{"a.udml", "mine", "was not made by push"},
		{"a.udml", "nowhere.x", `schema "nowhere" does not exist`},
		{"a.udml", "A", "does not fit"},
		{"a.udml", "udml_collections", "does not fit"},
		{"long.udml", "", "pgvector takes at most 16000"},
	} {
		_, err := Run(context.Background(), at(c.path), url, Options{Table: c.table})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s into %s: %v, want %q", c.path, c.table, err, c.want)
		}
	}
	if after := dump(t, url, "a"); !slices.Equal(before, after) {
		t.Error("a refused push has changed the table")
	}
}

// rewrite replaces a text in the manifest of the collection at path.
func rewrite(t *testing.T, path, old, now string) {
	t.Helper()
	manifest := filepath.Join(path, "manifest.json")
	b, err := os.ReadFile(manifest)
	if err != nil || !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%s has no %s: %v", manifest, old, err)
	}
	if err := os.WriteFile(manifest, bytes.ReplaceAll(b, []byte(old), []byte(now)), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestPushReplaces: on request a table becomes that of another collection, which owns it from then on; the first one is refused.
func TestPushReplaces(t *testing.T) {
	url := database(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a.udml"), filepath.Join(dir, "b.udml")
	collectiontest.Make(t, first, 8, collectiontest.Items(10))
	collectiontest.Make(t, second, 8, collectiontest.Items(3, "class1/00001.jpg", "x/2.jpg", "x/3.jpg")) // one is in both
	rewrite(t, second, filepath.Join(dir, "photos"), filepath.Join(dir, "others"))
	run(t, first, url, Options{Table: "a"})
	if r := run(t, second, url, Options{Table: "a", Replace: true}); r.Rows != 3 || r.Removed != 9 {
		t.Errorf("replaced: %+v", r)
	}
	if r := run(t, second, url, Options{Table: "a"}); r.Unchanged != 3 || r.Sent != 0 {
		t.Errorf("again: %+v", r)
	}
	_, err := Run(context.Background(), first, url, Options{Table: "a"})
	if err == nil || !strings.Contains(err.Error(), "belongs to another collection, of the split all of "+filepath.Join(dir, "others")) {
		t.Errorf("the first collection: %v", err)
	}
	collectiontest.Make(t, first, 8, collectiontest.Items(3, "y/1.jpg", "y/2.jpg", "y/3.jpg")) // none in common
	if r := run(t, first, url, Options{Table: "a", Replace: true}); r.Rows != 3 || r.Removed != 3 {
		t.Errorf("replaced by other images: %+v", r)
	}
}

// TestPushAfterAMove: a collection that lies elsewhere keeps its table.
func TestPushAfterAMove(t *testing.T) {
	url := database(t)
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a.udml"), filepath.Join(t.TempDir(), "b.udml")
	collectiontest.Make(t, from, 8, collectiontest.Items(10))
	run(t, from, url, Options{})
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if r := run(t, to, url, Options{Table: "a"}); r.Unchanged != 10 {
		t.Errorf("%+v", r)
	}
}

// TestRowHash: it tells vectors, labels and splits apart.
func TestRowHash(t *testing.T) {
	dir := t.TempDir()
	a := collectiontest.Make(t, filepath.Join(dir, "a.udml"), 8, collectiontest.Items(1))
	seen := map[string]bool{rowHash(a, 0): true}
	seen[rowHash(collectiontest.Make(t, filepath.Join(dir, "b.udml"), 9, collectiontest.Items(1)), 0)] = true
	for _, texts := range [][2]string{{"ab", "c"}, {"a", "bc"}} {
		a.Items[0].Label, a.Items[0].Split = texts[0], texts[1]
		seen[rowHash(a, 0)] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d hashes of 4 rows", len(seen))
	}
}

// TestParseAddress: there is a time limit for servers that do not answer, unless the URL has one, and messages have no password.
func TestParseAddress(t *testing.T) {
	for url, want := range map[string]time.Duration{
		"postgres://u:s3cret@h:1/d": connectTime, "postgresql://u:s3cret@h:1/d?connect_timeout=7": 7 * time.Second,
	} {
		a, err := parseAddress(url)
		if err != nil || a.config.ConnectTimeout != want || a.where != "the database d at h:1" || a.config.Password != "s3cret" {
			t.Errorf("%s: %+v, %v", url, a, err)
		}
		if got := a.reason(errors.New("user u\n\tpassword s3cret")); got != "user u password ***" {
			t.Errorf("%q", got)
		}
	}
}

// TestNameTable: names made of a collection's name are valid ones.
func TestNameTable(t *testing.T) {
	for path, want := range map[string]string{
		"photos.udml": "photos", "/x/My Photos 2.udml/": "my_photos_2", "2024.udml": "_2024", ".udml": "_", "Ä.udml": "_",
		strings.Repeat("x", 60) + ".udml": strings.Repeat("x", longestName),
	} {
		if got, err := nameTable("", path); err != nil || got.String() != want {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	for _, bad := range []string{"a b", "a;b", `a"b`, "A", "1a", "a.b.c", strings.Repeat("x", longestName+1)} {
		if _, err := nameTable(bad, "x.udml"); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
