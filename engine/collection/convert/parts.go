package convert

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	gohash "hash"

	"udml-gpu/engine/machine"
)

// MaxParts bounds Options.Parts: the numbers in the names have five digits.
const MaxParts = 99_999

// partsFile lists the parts. Readers of folders of Parquet files leave out names that begin with an underscore.
const partsFile = "_manifest.json"

// parts are what partsFile holds.
type parts struct {
	Format     string `json:"format"`
	Images     int    `json:"images"`
	Dimensions int    `json:"dimensions"`
	WrittenBy  string `json:"written_by"`
	Parts      []part `json:"parts"`
}

// part is a file with a part of the images, in the collection's order.
type part struct {
	Name   string `json:"name"`
	First  int    `json:"first"` // the number of its first image, from 0
	Images int    `json:"images"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// writeParts writes a folder with the tables of equal parts of the images, and then partsFile.
func writeParts(j *job) error {
	n, all := j.o.Parts, parts{Format: "parquet", Images: len(j.live), Dimensions: j.c.Dim(), WrittenBy: "udml-gpu " + machine.Version()}
	manifest := j.in(partsFile)
	j.r.Files = append(j.r.Files, manifest) // the first, which a store gets last
	for k := range n {
		lo, hi := k*len(j.live)/n, (k+1)*len(j.live)/n
		p := part{Name: fmt.Sprintf("part-%05d-of-%05d.parquet", k, n), First: lo, Images: hi - lo}
		one := *j
		one.live, one.before, one.all, one.hashed = j.live[lo:hi], lo, len(j.live), &hashed{sum: sha256.New()}
		if err := one.writeTable(j.in(p.Name)); err != nil {
			return err
		}
		p.Bytes, p.SHA256 = one.hashed.n, hex.EncodeToString(one.hashed.sum.Sum(nil))
		all.Parts = append(all.Parts, p)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	files := j.r.Files
	err = j.write(manifest, func(w *bufio.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	j.r.Files = files
	return err
}

// hashed counts and hashes what is written.
type hashed struct {
	sum gohash.Hash
	n   int64
}

// Write is io.Writer.
func (h *hashed) Write(b []byte) (int, error) {
	h.n += int64(len(b))
	return h.sum.Write(b)
}
