package images

import (
	"context"
	"image"
	"slices"

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
	o, err := decoding(c, ui)
	if err != nil {
		return nil, err
	}
	o.Look = look
	o.Progress = ui.Embedding
	s, err := cache.NewStream(set, o, ahead)
	if err != nil {
		return nil, err
	}
	for i, pix := range s.All(ctx) {
		if err := take(i, pix); err != nil {
			return nil, err
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	tellUnlabelled(ui.Log, c, listed(Read(set, s.Skipped())), set.Name)
	return s.Skipped(), nil
}

// Read are the images of the set without those that were skipped, which stand in its order.
func Read(set *data.Set, skipped []data.Skip) []data.Item {
	if len(skipped) == 0 {
		return set.Items
	}
	at := 0
	return slices.DeleteFunc(slices.Clone(set.Items), func(item data.Item) bool {
		if at == len(skipped) || skipped[at].Name != item.Name {
			return false
		}
		at++
		return true
	})
}
