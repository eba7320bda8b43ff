package cache

import (
	"context"
	"errors"
	"strings"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
)

func TestCacheRefusesUnknownRecipes(t *testing.T) {
	for word, o := range map[string]Options{
		`"longer"`: {Size: 4, Channels: 1, ResizeMode: "longer"}, `"nearest"`: {Size: 4, Channels: 1, Interpolation: "nearest"},
	} {
		_, err := Build(context.Background(), manyImages(t, 2), o)
		var bad *baddata.Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), word) {
			t.Errorf("error %v, want a *Error about %s", err, word)
		}
	}
}

// TestCacheFollowsTheRecipe: each option changes the pixels. At this size the middle of an image lies between two pixels, so that its
// corner shows the mode.
func TestCacheFollowsTheRecipe(t *testing.T) {
	seen := map[string]Options{}
	set := manyImages(t, 3)
	for _, mode := range picture.ResizeModes() {
		for _, kind := range picture.Interpolations() {
			for _, channels := range []int{1, 3} {
				o := Options{Size: 9, Channels: channels, ResizeMode: mode, Interpolation: kind, RAM: 1 << 20}
				c, err := Build(context.Background(), set, o)
				if err != nil {
					t.Fatal(err)
				}
				if other, ok := seen[c.Fingerprint()]; ok {
					t.Errorf("%+v gives the pixels of %+v", o, other)
				}
				seen[c.Fingerprint()] = o
				c.Close()
			}
		}
	}
}
