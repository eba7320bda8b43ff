package archive

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/store"
)

// objects are the objects below a prefix of a store, as the files of a folder.
type objects struct {
	client  *store.Client
	ctx     context.Context //nolint:containedctx // of all reading, since Opener has none
	cancel  context.CancelFunc
	name    string
	entries map[string]store.Object
	images  Listing
	keep    string // see Open
}

// openRemote opens the archive at a place in a store, or the prefix that it is. A prefix of nothing but tars is one of shards.
func openRemote(name, keep string) (Opener, error) {
	at, err := store.Parse(name)
	if err != nil {
		return nil, err
	}
	client, err := store.Open()
	if err != nil {
		return nil, err
	}
	if at.Key != "" && !strings.HasSuffix(at.Key, "/") {
		o, err := client.Stat(context.Background(), at)
		if err == nil {
			return readArchive(openObject(client, o, keep))
		}
		if !errors.Is(err, store.ErrMissing) {
			return nil, err
		}
		at.Key += "/"
	}
	list, err := client.List(context.Background(), at)
	if err != nil {
		return nil, err
	}
	return newObjects(client, at, list, keep)
}

// newObjects lists the objects below a prefix.
func newObjects(client *store.Client, at store.Place, list []store.Object, keep string) (*objects, error) {
	f := &objects{client: client, name: at.String(), entries: map[string]store.Object{}, keep: keep}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	var c contents
	for _, o := range list {
		name := strings.TrimPrefix(o.Key, at.Key)
		switch {
		case name == "" || strings.HasSuffix(name, "/") && o.Size == 0: // the mark of an empty folder
			continue
		case !store.IsFile(name) || len(name) > MaxEntryName:
			f.images.Left.Add(notes.ReasonKey, name)
			continue
		case isRules(name):
			c.rules = append(c.rules, name)
		case f.images.skip(name, false):
			continue
		default:
			c.files = append(c.files, name)
		}
		f.entries[name] = o
	}
	if len(list) == 0 {
		return nil, baddata.Errorf("there are no objects below %s: check the bucket and the key", f.name)
	}
	if err := c.list(f.name, &f.images, f.read, f.images.Add); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *objects) List() (Listing, error) { return f.images, nil }

func (f *objects) Check(name string) error {
	if _, ok := f.entries[name]; !ok {
		return fs.ErrNotExist
	}
	return nil
}

// Read is the content of an object. It may be called from several goroutines at once.
func (f *objects) Read(name string) ([]byte, error) { return f.read(name, MaxFileBytes) }

func (f *objects) read(name string, most int64) ([]byte, error) {
	o, ok := f.entries[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	if o.Size > most {
		return nil, tooLong(o.Size, most)
	}
	return f.client.Read(f.ctx, o, most)
}

func (f *objects) Stamp(name string) (Stamp, error) {
	o, ok := f.entries[name]
	if !ok {
		return Stamp{}, fs.ErrNotExist
	}
	return remoteStamp(o), nil
}

// Origin is none: there is no archive.
func (f *objects) Origin() []Stamp { return nil }

// Close does nothing.
func (f *objects) Close() error { return nil }

// openInside opens an archive below the prefix.
func (f *objects) openInside(name string) (*packedFile, error) {
	return openObject(f.client, f.entries[name], f.keep), nil
}

// remoteStamp is that of an object: the store knows its content by the ETag. Without one, the time of its change stands in.
func remoteStamp(o store.Object) Stamp {
	if o.ETag == "" {
		return Stamp{o.Size, o.Modified.UnixNano()}
	}
	sum := sha256.Sum256([]byte(o.ETag))
	return Stamp{o.Size, int64(binary.LittleEndian.Uint64(sum[:]))}
}

// openObject is an archive in a store.
func openObject(client *store.Client, o store.Object, keep string) *packedFile {
	ctx, cancel := context.WithCancel(context.Background())
	front := func() (io.ReadSeeker, func()) {
		r := client.Front(ctx, o)
		return r, func() { _ = r.Close() }
	}
	return &packedFile{
		ReaderAt: client.Blocks(ctx, o), Closer: io.NopCloser(nil), interrupt: cancel, name: o.String(), size: o.Size,
		stamp: remoteStamp(o),
		front: front, keep: keep, etag: o.ETag,
	}
}
