// Package projector writes what TensorBoard's projector reads from a folder: vectors as raw little-endian float32, a table with a line for
// each, a picture with all thumbnails, and a configuration that names them. Source: tensorboard/plugins/projector of TensorBoard 2.21.
package projector

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"udml-gpu/engine/data/rawname"
)

// The projector's limits: points that it takes, and pixels of a side of the picture with all thumbnails.
const (
	MaxPoints = 100_000
	MaxSide   = 8192
)

// The files of the folder. The configuration is to be written last, since it names the others.
const (
	VectorsFile = "vectors.bytes"
	TableFile   = "metadata.tsv"
	SpriteFile  = "sprite.png"
	ConfigFile  = "projector_config.pbtxt"
)

// Config is the configuration of a folder with vectors [Count,Dim].
type Config struct {
	Name       string // of the vectors, in the page
	Count, Dim int
	Side       int // of a thumbnail, in pixels; 0: there is no picture
}

// Write writes the configuration, a ProjectorConfig as text.
func (c Config) Write(w io.Writer) error {
	sprite := ""
	if c.Side > 0 {
		sprite = fmt.Sprintf("  sprite {\n    image_path: %q\n    single_image_dim: %[2]d\n    single_image_dim: %[2]d\n  }\n",
			SpriteFile, c.Side)
	}
	_, err := fmt.Fprintf(w, "embeddings {\n  tensor_name: %s\n  tensor_path: %q\n"+
		"  tensor_shape: %d\n  tensor_shape: %d\n  metadata_path: %q\n%s}\n",
		strconv.QuoteToASCII(c.Name), VectorsFile, c.Count, c.Dim, TableFile, sprite)
	return err
}

// Line is a line of the table, each cell by rawname.Line. The projector takes the first line as a heading only where there is more than
// one column.
func Line(cells ...string) string {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = rawname.Line(c)
	}
	return strings.Join(safe, "\t") + "\n"
}
