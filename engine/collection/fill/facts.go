package fill

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"sync"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/setting"
)

// facts are what was seen of images that are decoded, until their vectors are there.
type facts struct {
	size, channels int // of the pictures that the network is given
	mu             sync.Mutex
	of             map[int]collection.Item
}

func newFacts(c setting.Config) *facts {
	return &facts{size: c.Resize, channels: c.Channels, of: map[int]collection.Item{}}
}

// look is a cache.Options.Look.
func (f *facts) look(i int, raw []byte, im image.Image, pix []uint8) {
	sum := sha256.Sum256(raw)
	at := im.Bounds().Size()
	it := collection.Item{
		SHA256: hex.EncodeToString(sum[:]), Width: int32(at.X), Height: int32(at.Y), Format: picture.Kind(raw), Taken: picture.Taken(raw),
		Look: collection.Measure(pix, f.size, f.channels),
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of[i] = it
}

// about gives what was seen of image i, for factsOf, and forgets it.
func (f *facts) about(i int) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	it := f.of[i]
	delete(f.of, i)
	b, err := json.Marshal(it)
	if err != nil {
		panic(err) // an item always has a JSON form: the journal has it too
	}
	return b
}

// factsOf is what about has said; the rank that has seen the image may be another.
func factsOf(about []byte) (it collection.Item, err error) {
	if err = json.Unmarshal(about, &it); err != nil {
		err = fmt.Errorf("what a rank has seen of an image cannot be read: %w", err)
	}
	return it, err
}

func (f *facts) clear() { f.of = map[int]collection.Item{} }

// unit scales n rows to length 1; those that have it within the rounding of float32 keep their bits, a row of zeros stays.
func unit(rows []float32, n int) {
	dim := len(rows) / n
	for i := range n {
		row := rows[i*dim : (i+1)*dim]
		sum := 0.0
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		if sum == 0 || math.Abs(sum-1) < 1e-6 {
			continue
		}
		scale := 1 / math.Sqrt(sum)
		for k, v := range row {
			row[k] = float32(float64(v) * scale)
		}
	}
}
