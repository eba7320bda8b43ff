package convert

import (
	"bufio"
	"fmt"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/report/projector"
)

// writeTensorBoard writes a log folder of the projector. Of more images than it takes it writes a sample at equal distances.
func writeTensorBoard(j *job) error {
	j.sample(projector.MaxPoints, fmt.Sprintf("the projector takes %d points", projector.MaxPoints))
	if j.pics != nil {
		per := projector.MaxSide / j.o.Side
		j.sample(per*per, fmt.Sprintf("the projector's picture of %d x %d pixels holds %d thumbnails of %d",
			projector.MaxSide, projector.MaxSide, per*per, j.o.Side))
	}
	c := projector.Config{Name: j.about().Backbone, Count: len(j.live), Dim: j.c.Dim()}
	if j.pics != nil && len(j.live) > 0 {
		c.Side = j.o.Side
	}
	if err := j.write(j.in(projector.ConfigFile), func(w *bufio.Writer) error { return c.Write(w) }); err != nil {
		return err
	}
	if err := j.write(j.in(projector.TableFile), j.projectorLabels); err != nil {
		return err
	}
	if c.Side > 0 {
		if err := j.writeSprite(j.in(projector.SpriteFile)); err != nil {
			return err
		}
	}
	if err := j.write(j.in(projector.VectorsFile), j.writeRows); err != nil {
		return err
	}
	return j.writeAbout(j.in("about.json"))
}

// projectorLabels is the table of labels.
func (j *job) projectorLabels(w *bufio.Writer) error {
	if _, err := w.WriteString(projector.Line("path", "label", "split", "taken")); err != nil {
		return err
	}
	return j.each(func(_ int, it *collection.Item, _ []float32) error {
		_, err := w.WriteString(projector.Line(it.Path, it.Label, it.Split, it.Taken))
		return err
	})
}
