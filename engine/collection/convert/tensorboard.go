package convert

import (
	"bufio"
	"fmt"
	"strconv"

	"udml-gpu/engine/collection"
)

// The limits of TensorBoard's projector: points that it takes, and pixels of a side of the picture with all thumbnails.
const projectorPoints, spriteSide = 100_000, 8192

// writeTensorBoard writes a log folder of the projector: its configuration, the vectors as raw float32, a table of labels and, with
// thumbnails, a sprite picture. Of more images than it takes it writes a sample at equal distances.
func writeTensorBoard(j *job) error {
	j.sample(projectorPoints, fmt.Sprintf("the projector takes %d points", projectorPoints))
	if j.pics != nil {
		per := spriteSide / j.o.Side
		j.sample(per*per, fmt.Sprintf("the projector's picture of %d x %d pixels holds %d thumbnails of %d",
			spriteSide, spriteSide, per*per, j.o.Side))
	}
	if err := j.write(j.in("projector_config.pbtxt"), j.projectorConfig); err != nil {
		return err
	}
	if err := j.write(j.in("metadata.tsv"), j.projectorLabels); err != nil {
		return err
	}
	if j.pics != nil && len(j.live) > 0 {
		if err := j.writeSprite(j.in("sprite.png")); err != nil {
			return err
		}
	}
	if err := j.write(j.in("vectors.bytes"), j.writeRows); err != nil {
		return err
	}
	return j.writeAbout(j.in("about.json"))
}

func (j *job) projectorConfig(w *bufio.Writer) error {
	fmt.Fprintf(w, "embeddings {\n  tensor_name: %s\n  tensor_path: \"vectors.bytes\"\n", strconv.QuoteToASCII(j.about().Backbone))
	fmt.Fprintf(w, "  tensor_shape: %d\n  tensor_shape: %d\n  metadata_path: \"metadata.tsv\"\n", len(j.live), j.c.Dim())
	if j.pics != nil && len(j.live) > 0 {
		fmt.Fprintf(w, "  sprite {\n    image_path: \"sprite.png\"\n")
		fmt.Fprintf(w, "    single_image_dim: %[1]d\n    single_image_dim: %[1]d\n  }\n", j.o.Side)
	}
	fmt.Fprintf(w, "}\n")
	return nil
}

// projectorLabels is the table of labels. Its first line is taken as a heading only because there is more than one column.
func (j *job) projectorLabels(w *bufio.Writer) error {
	fmt.Fprintf(w, "path\tlabel\tsplit\ttaken\n")
	return j.each(func(_ int, it *collection.Item, _ []float32) error {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", line(it.Path), line(it.Label), line(it.Split), it.Taken)
		return err
	})
}
