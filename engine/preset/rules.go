package preset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// The rules. What they were measured by is in docs/backbones.md, "What auto decides by"; where nothing was measured, or one size was as
// good as another, they leave the default.

// Line drawings gain nothing above drawingSize pixels where the originals have about 105 (Omniglot): of other sizes of originals nothing is
// known, and they have to be nearly all of the images.
const (
	drawingSize   = 80
	drawingAlso   = 56 // --also-size beside it
	leastSide     = drawingSize
	mostSide      = 128
	mostlyDrawing = 0.9
)

// drawings says whether the rule of line drawings applies.
func (f *Facts) drawings() bool {
	return f.Decoded > 0 && f.Drawings >= mostlyDrawing && f.Side >= leastSide && f.Side <= mostSide
}

// decide sets what is open in l by what was seen, and explains it. The sentence says what was changed; "" where nothing was.
func decide(l *setting.Layers, seen sight) string {
	usual, why := undecided(l)
	switch {
	case l.Config.Preset != setting.Auto:
		return ""
	case seen.Nothing != "" || why != "": // the second on a rank whose settings differ, which is refused
		l.Explain("preset", cmp.Or(seen.Nothing, why))
		return ""
	}
	f := &seen.Facts
	l.Explain("preset", f.String())
	said := []string{f.chooseSize(l, &usual), f.chooseMirrored(l, &usual), f.chooseEpochs(l, &usual), f.chooseTraining(l, &usual)}
	return strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), "; ")
}

// chooseSize sets the size where it is open, also in usual (resolved). The sentence says so; "" where nothing was changed.
func (f *Facts) chooseSize(l *setting.Layers, usual *setting.Config) string {
	switch {
	case !openSize(l):
		return ""
	case !f.drawings():
		l.Explain("size", f.usualSize())
		if l.Open("also-size") && usual.AlsoSize != 0 {
			l.Explain("also-size", whyAlso)
		}
		return ""
	}
	of := fmt.Sprintf("line drawings of %d pixels, such as gain nothing above %d", f.Side, drawingSize)
	l.Choose("size", drawingSize, of)
	said := fmt.Sprintf("--preset auto takes --size %d in place of %d: these are %s", drawingSize, usual.Size, of)
	usual.Resize = drawingSize * usual.Resize / usual.Size
	usual.Size = drawingSize
	if l.Open("also-size") {
		l.Choose("also-size", drawingAlso, whyAlso)
		usual.AlsoSize = drawingAlso
		said += fmt.Sprintf("; --also-size %d: %s", drawingAlso, whyAlso)
	}
	return said
}

// whyAlso is why images are seen at two sizes.
const whyAlso = "with features of two sizes MAP@R was higher on all sets that were measured"

func openSize(l *setting.Layers) bool { return l.Open("size") && l.Open("resize") }

// usualSize says why the size stays as it is.
func (f *Facts) usualSize() string {
	switch {
	case f.Decoded > 0 && f.Drawings >= mostlyDrawing:
		return fmt.Sprintf("line drawings of %d pixels, for which nothing was measured: of %d to %d a smaller size is as good", f.Side,
			leastSide, mostSide)
	case f.Small > 0.5:
		return "no line drawings: other images gain from being enlarged"
	}
	return "no line drawings: other images gain up to this size"
}

// String is the facts in a few words.
func (f *Facts) String() string {
	of := fmt.Sprintf("%d of %s looked at", f.Sized, report.Count(f.Images, "image"))
	if f.Sized == 0 {
		return of
	}
	list := []string{fmt.Sprintf("shorter side %d pixels (median), %.0f%% below %d", f.Side, 100*f.Small, f.Size)}
	if f.Decoded > 0 {
		list = append(list, fmt.Sprintf("of %d decoded %.0f%% with colours, %.0f%% line drawings, %.0f%% of the pixels nearly black or "+
			"white", f.Decoded, 100*f.Colour, 100*f.Drawings, 100*f.Extreme))
	}
	return of + ": " + strings.Join(list, "; ")
}
