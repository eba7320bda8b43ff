package convert

import (
	"bufio"
	"encoding/base64"
	"encoding/json"

	"udml-gpu/engine/collection"
)

// object is a line of writeJSONL. What an image lacks is left out.
type object struct {
	ID         string          `json:"id"`
	Path       string          `json:"path"`
	Label      string          `json:"label,omitempty"`
	Split      string          `json:"split,omitempty"`
	SHA256     string          `json:"sha256"`
	Size       int64           `json:"size"`
	Width      int32           `json:"width"`
	Height     int32           `json:"height"`
	Format     string          `json:"format,omitempty"`
	Taken      string          `json:"taken,omitempty"`
	Box        []float64       `json:"box,omitempty"` // x, y, width, height of the part that was embedded
	PHash      string          `json:"phash"`
	Brightness float32         `json:"brightness"`
	Contrast   float32         `json:"contrast"`
	Sharpness  float32         `json:"sharpness"`
	Entropy    float32         `json:"entropy"`
	Embedding  json.RawMessage `json:"embedding,omitempty"`
	Base64     json.RawMessage `json:"embedding_base64,omitempty"`
}

func objectOf(it *collection.Item) object {
	o := object{
		ID: it.ID(), Path: text(it.Path), Label: text(it.Label), Split: text(it.Split), SHA256: it.SHA256, Size: it.Size,
		Width: it.Width, Height: it.Height, Format: it.Format, Taken: it.Taken, PHash: hash(it),
		Brightness: it.Look.Brightness, Contrast: it.Look.Contrast, Sharpness: it.Look.Sharpness, Entropy: it.Look.Entropy,
	}
	if b := it.Box; b.W > 0 {
		o.Box = []float64{b.X, b.Y, b.W, b.H}
	}
	return o
}

// writeJSONL writes an object a line.
func writeJSONL(j *job) error {
	return j.write(j.out, func(w *bufio.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		var b []byte
		return j.each(func(_ int, it *collection.Item, row []float32) error {
			o := objectOf(it)
			if j.o.Base64 {
				b = littleEndian(b[:0], row)
				o.Base64 = []byte(`"` + base64.StdEncoding.EncodeToString(b) + `"`)
			} else {
				b = list(b[:0], row)
				o.Embedding = b
			}
			return e.Encode(&o)
		})
	}, func() error { return j.writeAbout(j.beside("about.json")) })
}
