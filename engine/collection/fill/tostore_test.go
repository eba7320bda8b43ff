package fill

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store/storetest"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// sending is ToStore of the images in dir.
func sending(t *testing.T, dir, out string) work {
	t.Helper()
	return func(ctx context.Context, w *accord.Work, ui images.UI) (*Result, error) {
		return ToStore(ctx, requestOf(t, dir, w, ui), out, "")
	}
}

// below are the objects whose places begin so, without that.
func below(s *storetest.Server, prefix string) map[string]string {
	all := map[string]string{}
	for _, place := range s.Places() {
		if name, ok := strings.CutPrefix(place, prefix); ok {
			all[name], _ = s.Get(place)
		}
	}
	return all
}

// scene is a store, images, and an empty TMPDIR.
func scene(t *testing.T) (s *storetest.Server, dir, tmp string) {
	t.Helper()
	s, dir, tmp = storetest.New(t), t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	photos(t, dir, 0, 20)
	return s, dir, tmp
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%s holds %v (%v)", dir, entries, err)
	}
}

// local are the files of the collection that New makes of the same images, as they are below a prefix.
func local(t *testing.T, dir string) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.udml")
	if _, err := newOf(t, dir, path, nil)(context.Background(), nil, images.UI{}); err != nil {
		t.Fatal(err)
	}
	names, err := collection.Files(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range append(names, collection.ManifestFile) {
		b, err := os.ReadFile(filepath.Join(path, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(b)
	}
	return all
}

// TestToStore: the objects are the files of a local collection, sent by one process or by several ranks, the manifest last; nothing is left
// on the disk, and a second collection in the same place is refused before any work.
func TestToStore(t *testing.T) {
	s, dir, tmp := scene(t)
	want := local(t, dir)
	for ranks, out := range map[int]string{1: "s3://data/one/c.udml", 3: "s3://data/three/c.udml/"} {
		var lock sync.Mutex
		do := func(w *accord.Work, leads bool) {
			r, err := sending(t, dir, out)(context.Background(), w, images.UI{})
			lock.Lock()
			defer lock.Unlock()
			if err != nil || (r == nil) == leads || leads && (r.Collection != out || r.Images != 19 || r.Embedded != 19) {
				t.Errorf("%d ranks: %+v, %v", ranks, r, err)
			}
		}
		s.Asked()
		if ranks == 1 {
			do(nil, true)
		} else {
			shardtest.Run(t, ranks, func(c shard.Carrier) { do(accord.Under(context.Background(), shard.New(ranks, c)), c.Rank() == 0) })
		}
		got := below(s, strings.TrimSuffix(strings.TrimPrefix(out, "s3://"), "/")+"/")
		for _, all := range []map[string]string{got, want} { // where the images lie from there differs
			all[collection.ManifestFile] = manifestWithout(t, all[collection.ManifestFile])
		}
		if !maps.Equal(want, got) {
			t.Errorf("%d ranks: other objects than files: %v, want %v",
				ranks, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
		if asked := s.Asked(); !strings.HasSuffix(asked[len(asked)-1], "/c.udml/"+collection.ManifestFile) {
			t.Errorf("the last request is %s", asked[len(asked)-1])
		}
		empty(t, tmp)
		var usage *setting.UsageError
		if _, err := sending(t, dir, out)(context.Background(), nil, images.UI{}); !errors.As(err, &usage) {
			t.Errorf("the place is taken: %v", err)
		}
		empty(t, tmp)
	}
}

// manifestWithout is a manifest without the place of the images beside it.
func manifestWithout(t *testing.T, text string) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, `"relative"`) {
			lines = append(lines, line)
		}
	}
	if len(lines) < 5 {
		t.Errorf("a manifest of %d lines", len(lines))
	}
	return strings.Join(lines, "")
}

// TestToStoreGoesOn: where the store refuses the manifest, what is embedded is kept, nobody takes what is there for a collection, and the
// same request sends it without embedding again. A manifest whose answer is lost is no error; one of another process is.
func TestToStoreGoesOn(t *testing.T) {
	s, dir, tmp := scene(t)
	const out, manifest = "s3://data/c.udml", "data/c.udml/" + collection.ManifestFile
	how := "403"
	s.Spoil = func(r *http.Request, _ int) string {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, collection.ManifestFile) {
			defer func() { how = "" }()
			return how
		}
		return ""
	}
	r, err := sending(t, dir, out)(context.Background(), nil, images.UI{})
	var bad *baddata.Error
	if r != nil || !errors.As(err, &bad) || !strings.Contains(err.Error(), "the same command sends it") {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, ok := s.Get(manifest); ok || len(below(s, "data/c.udml/")) == 0 {
		t.Errorf("there are %v", s.Places())
	}
	how = "lost"
	shardtest.Run(t, 2, func(c shard.Carrier) {
		r, err := sending(t, dir, out)(context.Background(), accord.Under(context.Background(), shard.New(2, c)), images.UI{})
		if leads := c.Rank() == 0; err != nil || (r == nil) == leads || leads && (r.Embedded != 0 || r.Images != 19 || r.Damaged != 1) {
			t.Errorf("rank %d: %+v, %v", c.Rank(), r, err)
		}
	})
	if _, ok := s.Get(manifest); !ok {
		t.Error("there is no manifest")
	}
	empty(t, tmp)
	s.Remove(manifest)
	s.Spoil = func(r *http.Request, _ int) string {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, collection.ManifestFile) {
			s.Put(manifest, "another")
		}
		return ""
	}
	if _, err = sending(t, dir, out)(context.Background(), nil, images.UI{}); !errors.As(err, &bad) {
		t.Errorf("another process was faster: %v", err)
	}
	if got, _ := s.Get(manifest); got != "another" {
		t.Errorf("the manifest is %q", got)
	}
}

// TestToStoreStops: a signal while objects are sent keeps what is embedded.
func TestToStoreStops(t *testing.T) {
	s, dir, _ := scene(t)
	ctx, stop := context.WithCancel(context.Background())
	s.Spoil = func(r *http.Request, _ int) string {
		if r.Method == http.MethodPut {
			stop()
			return "stall"
		}
		return ""
	}
	if _, err := sending(t, dir, "s3://data/c.udml")(ctx, nil, images.UI{}); !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
	s.Spoil = nil
	if r, err := sending(t, dir, "s3://data/c.udml")(context.Background(), nil, images.UI{}); err != nil || r.Embedded != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestTableToStore: a table in Parquet is one object, and is replaced.
func TestTableToStore(t *testing.T) {
	s, dir, tmp := scene(t)
	s.Put("data/c.parquet", "old")
	r, err := sending(t, dir, "s3://data/c.parquet")(context.Background(), nil, images.UI{})
	if err != nil || r.Images != 19 || r.Collection != "s3://data/c.parquet" {
		t.Fatalf("%+v, %v", r, err)
	}
	if got, _ := s.Get("data/c.parquet"); !strings.HasPrefix(got, "PAR1") || len(s.Places()) != 1 {
		t.Errorf("%d bytes, %v", len(got), s.Places())
	}
	empty(t, tmp)
}

// TestToStoreRefuses: names without a meaning, and a folder that others may write to.
func TestToStoreRefuses(t *testing.T) {
	_, dir, tmp := scene(t)
	var usage *setting.UsageError
	for _, out := range []string{"s3://data/c", "s3://data/.udml", "s3://data/.parquet"} {
		if _, err := sending(t, dir, out)(context.Background(), nil, images.UI{}); !errors.As(err, &usage) {
			t.Errorf("%s: %v", out, err)
		}
	}
	empty(t, tmp)
	s, err := newShipment(requestOf(t, dir, nil, images.UI{}), "s3://data/c.udml", "")
	if err == nil {
		err = errors.Join(os.Mkdir(s.folder, 0o700), os.Chmod(s.folder, 0o777))
	}
	var bad *baddata.Error
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sending(t, dir, "s3://data/c.udml")(context.Background(), nil, images.UI{}); !errors.As(err, &bad) {
		t.Error(err)
	}
}
