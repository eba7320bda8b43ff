package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"
)

// Text is a value of a file's metadata in pieces, each of whole characters, so that a long one need not be in memory. It is iterated
// more than once.
type Text = iter.Seq[string]

// Plain is a text in one piece.
func Plain(s string) Text { return func(yield func(string) bool) { yield(s) } }

// entriesOf are the entries of tensors stored one after the other.
func entriesOf(tensors []Tensor) ([]entry, error) {
	var list []entry
	at := 0
	for _, t := range tensors {
		size, err := byteSize(t.DType, t.Shape)
		switch {
		case err != nil:
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		case size != len(t.Data):
			return nil, fmt.Errorf("tensor %q has %d bytes, but %s%v takes %d", t.Name, len(t.Data), t.DType, t.Shape, size)
		}
		list = append(list, entry{name: t.Name, dtype: t.DType, shape: t.Shape, begin: at, end: at + size})
		at += size
	}
	return list, nil
}

// writeHeader writes the length of the header and its JSON, padded to a multiple of 8.
func writeHeader(w io.Writer, meta map[string]Text, entries []entry) error {
	n, err := headerSize(meta, entries)
	if err != nil {
		return err
	}
	var length [8]byte
	for i := range length {
		length[i] = byte(n >> (8 * i))
	}
	b := bufio.NewWriter(w)
	_, _ = b.Write(length[:])
	c := &counter{w: b}
	if err := headerJSON(c, meta, entries); err != nil {
		return err
	}
	for ; c.n < n; c.n++ {
		_ = b.WriteByte(' ')
	}
	return b.Flush() // returns the first error of b
}

// headerSize is the length of the padded JSON.
func headerSize(meta map[string]Text, entries []entry) (int, error) {
	c := &counter{w: io.Discard}
	if err := headerJSON(c, meta, entries); err != nil {
		return 0, err
	}
	n := (c.n + 7) / 8 * 8
	if n > maxHeader {
		return 0, fmt.Errorf("%d tensors need a header of %d bytes, more than readers accept", len(entries), n)
	}
	return n, nil
}

// counter counts the bytes written to w.
type counter struct {
	w io.Writer
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.w.Write(p)
}

// headerJSON writes the header: the metadata in order of its keys, and the entries. Names must be distinct UTF-8. Errors of w are left
// to the caller, whose writer keeps its first one.
func headerJSON(w io.Writer, meta map[string]Text, entries []entry) error {
	_, _ = io.WriteString(w, "{")
	if len(meta) > 0 {
		if err := metadataJSON(w, meta); err != nil {
			return err
		}
	}
	seen := map[string]bool{metadataKey: true}
	for i, e := range entries {
		if seen[e.name] || !utf8.ValidString(e.name) {
			return fmt.Errorf("%q cannot name a tensor: it is taken, or not UTF-8", e.name)
		}
		seen[e.name] = true
		if i > 0 || len(meta) > 0 {
			_, _ = io.WriteString(w, ",")
		}
		shape := append([]int{}, e.shape...) // an empty shape is [] in JSON, not null
		fmt.Fprintf(w, "%s:%s", quote(e.name), quote(headerEntry{e.dtype, shape, [2]int{e.begin, e.end}}))
	}
	_, _ = io.WriteString(w, "}")
	return nil
}

// headerEntry is the header's description of a tensor.
type headerEntry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// metadataJSON writes the header's key for metadata, and meta in order of its keys.
func metadataJSON(w io.Writer, meta map[string]Text) error {
	fmt.Fprintf(w, "%s:{", quote(metadataKey))
	for i, key := range slices.Sorted(maps.Keys(meta)) {
		if i > 0 {
			_, _ = io.WriteString(w, ",")
		}
		fmt.Fprintf(w, "%s:", quote(key))
		if err := quoteText(w, meta[key]); err != nil || !utf8.ValidString(key) {
			return fmt.Errorf("metadata %q is not UTF-8", key)
		}
	}
	_, _ = io.WriteString(w, "}")
	return nil
}

// quoteText writes a text as one JSON string.
func quoteText(w io.Writer, text Text) (err error) {
	_, _ = io.WriteString(w, `"`)
	for piece := range text {
		if !utf8.ValidString(piece) {
			return fmt.Errorf("%q is not UTF-8", piece)
		}
		quoted := quote(piece)
		_, _ = w.Write(quoted[1 : len(quoted)-1])
	}
	_, _ = io.WriteString(w, `"`)
	return nil
}

// quote is v as JSON. v must have a type that cannot fail.
func quote(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
