package images

import (
	"strings"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/setting"
)

// labelled are images of which some may have a label.
type labelled interface {
	Len() int
	Unlabelled() int
	Name(i int) string
	Label(i int) int32 // -1: none
}

// listed are images that are in no cache.
type listed []data.Item

func (l listed) Len() int          { return len(l) }
func (l listed) Name(i int) string { return l[i].Name }
func (l listed) Label(i int) int32 { return l[i].Label }

func (l listed) Unlabelled() int {
	n := 0
	for _, item := range l {
		if item.Label < 0 {
			n++
		}
	}
	return n
}

// tellUnlabelled logs that some images have no label where others have one: scores are of the others alone.
func tellUnlabelled(log zerolog.Logger, c setting.Config, images labelled, split string) {
	n := images.Unlabelled()
	if n == 0 || n == images.Len() {
		return
	}
	why := "they stand in no class folder"
	if data.HasLists(c.Data) {
		why = "the list gives them none"
	}
	examples := unlabelledExamples(images)
	log.Warn().Str("reason", "without_label").Str("split", split).Int("count", n).Strs("examples", rawname.Texts(examples)).
		Int("images_without_label", n).Int("images", images.Len()).
		Msgf("without a label: %d of %d images (%s), %s; scores are of the others", n, images.Len(), shownAll(examples, n), why)
}

// unlabelledExamples are the first few images without a label.
func unlabelledExamples(images labelled) []string {
	var names []string
	for i := 0; i < images.Len() && len(names) < 3; i++ {
		if images.Label(i) < 0 {
			names = append(names, images.Name(i))
		}
	}
	return names
}

// shownAll lists examples of count names.
func shownAll(names []string, count int) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = notes.Shown(name)
	}
	if count > len(names) {
		shown = append(shown, "...")
	}
	return strings.Join(shown, ", ")
}
