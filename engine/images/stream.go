package images

import (
	"context"
	"image"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/setting"
)

// Look is cache.Options.Look.
type Look = func(i int, raw []byte, im image.Image, pix []uint8)

// Stream decodes a split to the size that c asks for, image by image in their order, and hands each to take: its position in the set,
// and its pixels uint8 [size,size,channels], which are valid until take returns. At most ahead decoded images wait for take, and
// nothing else is kept. It ends with the first error of take, with ctx, or with a *baddata.Error where too many images cannot be
// read; those that were skipped are told as LoadCache tells them. ui.Embedding follows it. look is cache.Options.Look, or nil.
func Stream(ctx context.Context, c setting.Config, set *data.Set, ui UI, ahead int, look Look, take func(i int, pix []uint8) error,
) ([]data.Skip, error) {
	skipped, err := StreamPart(ctx, c, set, ui, ahead, look, take)
	if err == nil {
		tellUnlabelled(ui.Log, c, listed(Read(set, skipped)), set.Name)
	}
	return skipped, err
}

// StreamPart is Stream of a part of a set, of which nothing else is told.
func StreamPart(ctx context.Context, c setting.Config, part *data.Set, ui UI, ahead int, look Look, take func(i int, pix []uint8) error,
) ([]data.Skip, error) {
	o, err := decoding(c, ui)
	if err != nil {
		return nil, err
	}
	o.Look = look
	o.Progress = ui.Embedding
	s, err := cache.NewStream(part, o, ahead)
	if err != nil {
		return nil, err
	}
	for i, pix := range s.All(ctx) {
		if err := take(i, pix); err != nil {
			return nil, err
		}
	}
	return s.Skipped(), s.Err()
}

// Streamed is what Stream does when a set has come in parts, of which these images were skipped.
func Streamed(c setting.Config, set *data.Set, ui UI, skipped []data.Skip) error {
	if err := cache.WantReadable(set, c.MaxBad, skipped); err != nil {
		return err
	}
	tellUnlabelled(ui.Log, c, listed(Read(set, skipped)), set.Name)
	return nil
}

// Read are the images of the set without those that were skipped, which stand in its order.
func Read(set *data.Set, skipped []data.Skip) []data.Item {
	if len(skipped) == 0 {
		return set.Items
	}
	return set.Only(Places(set, skipped)).Items
}

// Places are the places in the set of the images of Read.
func Places(set *data.Set, skipped []data.Skip) []int {
	at := make([]int, 0, len(set.Items))
	for i, item := range set.Items {
		if len(skipped) > 0 && skipped[0].Name == item.Name {
			skipped = skipped[1:]
		} else {
			at = append(at, i)
		}
	}
	return at
}
