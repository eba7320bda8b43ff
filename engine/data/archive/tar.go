package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

const (
	tarBlock = 512 // size of a header in bytes; contents are padded to a multiple of it
	// maxEntries bounds the index in memory (some 200 bytes an entry); Stanford Online Products has 120,065.
	maxEntries = 2 << 20
	// MaxEntryName is the longest path in bytes that Linux opens; the format would allow a name of a megabyte.
	MaxEntryName = 4096
)

// maxUnpacked bounds the unpacked size of a gzip'd tar of the given size. Gzip can shrink bytes a thousandfold, but images hardly
// at all; only the headers, which make up most of a tar of small images, shrink well. Hence a hundredfold, and 1 GiB more.
var maxUnpacked = func(size int64) int64 { return 1<<30 + 100*size }

func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte("\x1f\x8b")) }

func isTar(b []byte) bool {
	return len(b) == tarBlock && (string(b[257:262]) == "ustar" || isOldTar(b))
}

// tarFiles is a source of files in a tar. Their places are known; their content is read on request.
type tarFiles struct {
	name    string
	entries map[string]span
	images  Listing
	listed  contents
	whole   Stamp // of the archive itself
	file    io.ReaderAt
	closer  io.Closer

	labels map[string]string // of a shard, by sample; nil: it is none
	noting bool              // notes are wanted
	notes  []noted           // the entries, to be kept
}

type span struct{ at, size int64 }

// newTar makes a source without entries of an archive, with the content in file.
func newTar(of *packedFile, file interface {
	io.ReaderAt
	io.Closer
},
) *tarFiles {
	return &tarFiles{name: of.name, entries: map[string]span{}, whole: of.stamp, file: file, closer: file}
}

// indexTar reads the headers of a tar and skips the contents, but for the labels of a shard.
func indexTar(f *packedFile, shard bool) (*tarFiles, error) {
	t := newTar(f, f)
	if shard {
		t.labels = map[string]string{}
	}
	if known, err := t.recall(f); known || err != nil {
		return t, err
	}
	t = newTar(f, f)
	if shard {
		t.labels = map[string]string{}
	}
	t.noting = f.keep != ""
	r, done := f.front()
	defer done()
	err := t.index(r, func(h *tar.Header, in io.Reader) (span, error) {
		at, err := place(r, h, f.size)
		if err == nil {
			err = t.label(h, in)
		}
		return at, err
	})
	if err == nil {
		err = t.wantEnd(endsHere(r))
	}
	if err == nil {
		t.remember(f)
	}
	return t, err
}

// place is where the content of a file lies in a tar of size bytes. The tar reader does not buffer, so that after a header r is
// positioned at the content.
func place(r io.Seeker, h *tar.Header, size int64) (span, error) {
	at, err := r.Seek(0, io.SeekCurrent)
	if err == nil && h.Size > size-at {
		err = io.ErrUnexpectedEOF
	}
	return span{at, h.Size}, err
}

// unpackTar reads a gzip'd tar once from front to end, the only possible way, and keeps the content of its files in a
// temporary file. The file has no name, so that it disappears with the process however that ends.
func unpackTar(f *packedFile) (*tarFiles, error) {
	r, done := f.front()
	defer done()
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, baddata.Errorf("%s is not a gzip'd tar that can be read: %w", f.name, err)
	}
	out, err := disk.Unnamed("", "udml-tar-*")
	if err != nil {
		return nil, baddata.Errorf("%s must be unpacked, but no temporary file can be created: %w", f.name, err)
	}
	t := newTar(f, out)
	at := int64(0)
	in := &bounded{r: z, left: maxUnpacked(f.size)}
	err = t.index(in, func(_ *tar.Header, r io.Reader) (span, error) {
		n, err := io.Copy(out, r)
		at += n
		return span{at - n, n}, err
	})
	if err == nil {
		err = t.wantEnd(in.drain())
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	return t, nil
}

// index reads the entries of a tar; keep gives the place from which the content of a file can be read later.
func (t *tarFiles) index(r io.Reader, keep func(*tar.Header, io.Reader) (span, error)) error {
	entries := tar.NewReader(r)
	for n := 1; ; n++ {
		h, err := entries.Next()
		if err == io.EOF {
			return t.listed.list(t.name, &t.images, t.read, t.images.Add)
		}
		if err == nil && n > maxEntries {
			err = fmt.Errorf("it has more than %d entries", maxEntries)
		}
		if err == nil {
			err = t.entry(h, entries, keep)
		}
		if bad := (*baddata.Error)(nil); errors.As(err, &bad) {
			return err
		}
		if err != nil {
			return baddata.Errorf("%s is damaged or not a tar of images, at entry %d: %w", t.name, n, PlainCause(err))
		}
	}
}

// entry adds one entry. Links are refused: a data set needs none, and they can point anywhere.
func (t *tarFiles) entry(h *tar.Header, r io.Reader, keep func(*tar.Header, io.Reader) (span, error)) error {
	if len(h.Name) > MaxEntryName {
		return baddata.Errorf("%s has an entry whose name is %d bytes long: the limit is %d", t.name, len(h.Name), MaxEntryName)
	}
	if why := UnsafeName(h.Name); why != "" {
		return unsafeEntry(t.name, h.Name, why)
	}
	switch h.Typeflag {
	case tar.TypeXGlobalHeader: // a comment, as written by git archive
		return nil
	case tar.TypeDir:
		if clean := path.Clean(h.Name); !t.images.skip(clean, true) {
			t.listed.folders = append(t.listed.folders, clean)
		}
		if t.noting {
			t.notes = append(t.notes, noted{h.Name, h.Typeflag, span{}})
		}
		return nil
	case tar.TypeReg:
	case tar.TypeLink, tar.TypeSymlink:
		return baddata.Errorf("%s has an entry %q which is a link: expected files and folders only", t.name, h.Name)
	default:
		return baddata.Errorf("%s has an entry %q of the kind %q: expected files and folders only", t.name, h.Name, h.Typeflag)
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") { // its content is not in one piece
			return baddata.Errorf("%s has an entry %q with holes (a sparse file): expected plain files", t.name, h.Name)
		}
	}
	clean := path.Clean(h.Name)
	list := &t.listed.files
	if isRules(clean) {
		list = &t.listed.rules
	} else if t.images.skip(clean, false) {
		if t.noting {
			t.notes = append(t.notes, noted{h.Name, h.Typeflag, span{}})
		}
		return nil
	}
	*list = append(*list, clean)
	return t.add(clean, h, r, keep)
}

func (t *tarFiles) add(name string, h *tar.Header, r io.Reader, keep func(*tar.Header, io.Reader) (span, error)) error {
	if _, twice := t.entries[name]; twice {
		return baddata.Errorf("%s has two entries of the name %q", t.name, name)
	}
	place, err := keep(h, r)
	if err != nil {
		return err
	}
	if t.noting {
		t.notes = append(t.notes, noted{h.Name, h.Typeflag, place})
	}
	t.entries[name] = place
	return nil
}

func (t *tarFiles) List() (Listing, error) { return t.images, nil }

func (t *tarFiles) Check(name string) error {
	if _, ok := t.entries[name]; !ok {
		return fs.ErrNotExist
	}
	return nil
}

// Read is the content of an entry. It may be called from several goroutines at once.
func (t *tarFiles) Read(name string) ([]byte, error) { return t.read(name, MaxFileBytes) }

// read is the content of an entry of at most so many bytes.
func (t *tarFiles) read(name string, most int64) ([]byte, error) {
	e := t.entries[name]
	return readBounded(io.NewSectionReader(t.file, e.at, e.size), e.size, most)
}

// Close closes the tar, or drops the temporary file.
func (t *tarFiles) Close() error { return t.closer.Close() }
