package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"udml-gpu/models/disk"
)

// The index of a tar in a store is kept in a file, so that its headers are not read a second time: a mark, the object with its ETag and
// size, whether labels were read, its entries and labels, and the SHA-256 of all that. It is used as if its entries came from the tar.
const (
	indexMark      = "UDMLTAR1"
	indexExtension = ".udml-index"
	maxIndex       = 1 << 30 // bytes
)

// noted is an entry of a tar.
type noted struct {
	name  string
	kind  byte
	place span
}

var errIndex = errors.New("it is damaged")

// indexPath is the file for the index of an object.
func (f *packedFile) indexPath(shard bool) string {
	sum := sha256.Sum256([]byte(f.name))
	kind := "tar-"
	if shard {
		kind = "shard-"
	}
	return filepath.Join(f.keep, kind+hex.EncodeToString(sum[:10])+indexExtension)
}

// about is what the index is of.
func (f *packedFile) about() []byte {
	b := appendText(nil, f.name)
	return binary.AppendUvarint(appendText(b, f.etag), uint64(f.size))
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// remember keeps the index. Where it cannot be written, the headers are read again the next time.
func (t *tarFiles) remember(f *packedFile) {
	notes := t.notes
	t.notes, t.noting = nil, false
	if f.keep == "" || f.etag == "" || disk.MakeDir(f.keep) != nil {
		return
	}
	_ = disk.ReplaceBy(disk.OS, f.indexPath(t.labels != nil), func(w io.Writer) error {
		h := sha256.New()
		out := bufio.NewWriter(io.MultiWriter(w, h))
		b := append([]byte(indexMark), f.about()...)
		b = binary.AppendUvarint(b, uint64(len(notes)))
		_, err := out.Write(b)
		for _, n := range notes {
			if err == nil {
				b = append(appendText(b[:0], n.name), n.kind)
				_, err = out.Write(binary.AppendUvarint(binary.AppendUvarint(b, uint64(n.place.at)), uint64(n.place.size)))
			}
		}
		b = binary.AppendUvarint(b[:0], uint64(len(t.labels)))
		for _, key := range slices.Sorted(maps.Keys(t.labels)) {
			b = appendText(appendText(b, key), t.labels[key])
		}
		if err == nil {
			_, err = out.Write(b)
		}
		if err == nil {
			err = out.Flush()
		}
		if err == nil {
			_, err = w.Write(h.Sum(nil))
		}
		return err
	})
}

// recall takes the index from its file. known is false where there is none for this state of the object.
func (t *tarFiles) recall(f *packedFile) (known bool, err error) {
	if f.keep == "" || f.etag == "" {
		return false, nil
	}
	b, err := disk.ReadFile(f.indexPath(t.labels != nil), maxIndex)
	if err != nil {
		return false, nil
	}
	if t.parseIndex(f, b) != nil {
		return false, nil
	}
	if err := t.listed.list(t.name, &t.images, t.read, t.images.Add); err != nil {
		return false, err
	}
	return true, nil
}

// parseIndex reads the content of an index file.
func (t *tarFiles) parseIndex(f *packedFile, b []byte) error {
	whole, ok := bytes.CutPrefix(b, append([]byte(indexMark), f.about()...))
	if !ok || len(whole) < sha256.Size {
		return errIndex
	}
	at := len(b) - sha256.Size
	if sum := sha256.Sum256(b[:at]); !bytes.Equal(sum[:], b[at:]) {
		return errIndex
	}
	return t.parseEntries(f, whole[:len(whole)-sha256.Size])
}

// parseEntries reads the entries and labels of an index file.
func (t *tarFiles) parseEntries(f *packedFile, b []byte) error {
	r := &indexReader{b: b}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		h := &tar.Header{Name: r.text(), Typeflag: r.kind()}
		place := span{int64(r.number()), int64(r.number())}
		if place.at < 0 || place.size < 0 || place.at > f.size || place.size > f.size-place.at {
			return errIndex
		}
		h.Size = place.size
		if r.err == nil {
			r.err = t.entry(h, nil, func(*tar.Header, io.Reader) (span, error) { return place, nil })
		}
	}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		key, label := r.text(), r.text()
		if t.labels == nil || len(label) > maxLabel {
			return errIndex
		}
		t.labels[key] = label
	}
	if r.err == nil && len(r.b) > 0 {
		r.err = errIndex
	}
	return r.err
}

// indexReader takes an index file apart; after an error it gives zeros.
type indexReader struct {
	b   []byte
	err error
}

func (r *indexReader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || r.err != nil {
		r.err = errIndex
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *indexReader) text() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.err = errIndex
		return ""
	}
	text := string(r.b[:n])
	r.b = r.b[n:]
	return text
}

func (r *indexReader) kind() byte {
	if len(r.b) == 0 {
		r.err = errIndex
		return 0
	}
	k := r.b[0]
	r.b = r.b[1:]
	return k
}
