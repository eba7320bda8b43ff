package fill

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/convert"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
	"udml-gpu/models/disk"
)

// Table is how the name of a table in Parquet ends.
const Table = ".parquet"

// ToStore is New with a place in a store: out is s3://BUCKET/KEY, of a collection (collection.IsName) or a table in Parquet. The images are
// embedded into a collection in a folder of --cache, or of TMPDIR, whose name follows from the request: what a killed process has embedded,
// or not sent, the same request goes on with. When all of it is in the store, the folder is removed.
//
// A collection's manifest is sent last, and only where there is none: what lacks one was not sent as a whole, and is replaced. A table is
// replaced as a whole. Of several ranks rank 0 alone sends, and the others wait for it.
func ToStore(ctx context.Context, q inference.Request, out, kind string) (*Result, error) {
	if q.Work == nil {
		q.Work = accord.Under(ctx, nil)
	}
	s, err := newShipment(q, out, kind)
	if err != nil {
		return nil, err
	}
	if q.Leads() {
		err = s.prepare(ctx)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.embedded(q)
	if err != nil {
		return nil, err
	}
	if r == nil {
		if r, err = New(ctx, q, s.path, kind); err != nil {
			return nil, s.told(err)
		}
	}
	if err := accord.While(q.Work.Group(), "send to the store", func() error { return s.send(ctx) }); err != nil {
		return nil, s.told(err)
	}
	if !q.Leads() {
		return nil, nil
	}
	_ = os.RemoveAll(s.folder) // what is left of it is in nobody's way
	r.Collection = out
	return r, nil
}

// shipment is a collection on its way to a store.
type shipment struct {
	out    string
	at     store.Place
	client *store.Client
	folder string // on the disk
	path   string // of the collection, in folder
}

// newShipment is that of a request, without looking at disk and store.
func newShipment(q inference.Request, out, kind string) (*shipment, error) {
	at, err := store.Parse(out)
	if err != nil {
		return nil, err
	}
	s := &shipment{out: out, at: at}
	s.at.Key = strings.TrimSuffix(at.Key, "/")
	name := path.Base(s.at.Key)
	if stem := strings.TrimSuffix(strings.TrimSuffix(name, Table), collection.Extension); stem == name || stem == "" {
		return nil, setting.Usage("--out %s: expected s3://BUCKET/KEY of a name that ends in %s, .safetensors or %s", out,
			collection.Extension, Table)
	}
	source := collection.NewSource(q.Config.Data, q.Split, "")
	about, err := json.Marshal([]string{out, source.Place(), q.Split, from(q), q.Layer, q.Config.Pool, q.Config.Pipeline(), kind})
	if err != nil {
		return nil, err
	}
	s.folder = filepath.Join(cmp.Or(q.Config.Cache, os.TempDir()), fmt.Sprintf("udml-embed-%x", sha256.Sum256(about))[:27])
	s.path = filepath.Join(s.folder, strings.TrimSuffix(strings.TrimSuffix(name, Table), collection.Extension)+collection.Extension)
	return s, nil
}

// prepare makes the folder and refuses, before the work is done, a place that could not be written after it.
func (s *shipment) prepare(ctx context.Context) (err error) {
	if s.client, err = store.Open(); err != nil {
		return err
	}
	there, err := s.client.List(ctx, s.at)
	if err != nil {
		return err
	}
	if s.whole() && slices.ContainsFunc(there, func(o store.Object) bool { return o.Place == s.manifest() }) {
		return setting.Usage("%s already holds a collection: name another place", s.out)
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return baddata.Errorf("--out %s: its folder %s cannot be made: %w", s.out, s.folder, disk.Cause(err))
	}
	// In a TMPDIR of several users the name may be another's, who could then change what is sent.
	if info, err := os.Lstat(s.folder); err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return baddata.Errorf("--out %s: %s is no folder of this user alone: remove it, or name another place with --cache",
			s.out, s.folder)
	}
	return nil
}

// whole says whether the collection itself is sent, and not a table of it.
func (s *shipment) whole() bool { return collection.IsName(s.at.Key) }

func (s *shipment) manifest() store.Place { return s.at.In(collection.ManifestFile) }

// embedded is the collection of the folder if an earlier process has embedded all images and not sent them; nil where there is work left.
// All ranks call it.
func (s *shipment) embedded(q inference.Request) (*Result, error) {
	const finished = "finished"
	var m *collection.Manifest
	how := ""
	if q.Leads() {
		if got, err := collection.ReadManifest(s.path); err == nil && got.Generation > 0 {
			m, how = got, finished
			q.UI.Log.Info().Str("collection", s.path).Msg("all images are embedded already: what is left is to send them")
		}
	}
	how = q.Work.Group().Share("begin to send", how)
	if err := q.Work.Group().Err(); err != nil || how != finished {
		return nil, err
	}
	r := &Result{}
	if m != nil {
		r.Images, r.Dimensions, r.Generation, r.Damaged = m.Images-m.Gone, m.Dimensions, m.Generation, len(m.Damaged)
	}
	return r, nil
}

// told is err with what is kept.
func (s *shipment) told(err error) error {
	if errors.Is(err, ErrStopped) {
		return fmt.Errorf("%w (here: the same command, which also sends it to %s)", err, s.out)
	}
	return err
}

// send writes the objects.
func (s *shipment) send(ctx context.Context) error {
	err := s.sendAll(ctx)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w while %s was written; what is embedded is kept in %s", ErrStopped, s.out, s.folder)
	}
	var bad *baddata.Error
	if errors.As(err, &bad) {
		return baddata.Errorf("%w; what is embedded is kept in %s, and the same command sends it", err, s.folder)
	}
	return err
}

func (s *shipment) sendAll(ctx context.Context) error {
	if !s.whole() {
		_, err := convert.Run(ctx, s.path, "parquet", s.out, convert.Options{})
		return err
	}
	names, err := collection.Files(s.path)
	if err != nil {
		return err
	}
	for _, name := range names {
		err := s.client.PutFile(ctx, s.at.In(name), filepath.Join(s.path, filepath.FromSlash(name)), store.Always())
		if err != nil {
			return err
		}
	}
	return s.sendManifest(ctx)
}

// sendManifest makes the collection one. A manifest that is there already is this one, whose answer was lost, or that of another process.
func (s *shipment) sendManifest(ctx context.Context) error {
	file := filepath.Join(s.path, collection.ManifestFile)
	err := s.client.PutFile(ctx, s.manifest(), file, store.IfMissing())
	if !errors.Is(err, store.ErrChanged) {
		return err
	}
	own, err := os.ReadFile(file)
	if err != nil {
		return baddata.Errorf("%s cannot be read: %w", file, disk.Cause(err))
	}
	o, err := s.client.Stat(ctx, s.manifest())
	if err != nil {
		return err
	}
	there, err := s.client.Read(ctx, o, int64(len(own)))
	if err != nil || !bytes.Equal(there, own) {
		return baddata.Errorf("%s: another process has written a collection there", rawname.Text(s.out))
	}
	return nil
}
