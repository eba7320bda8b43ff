package duplicates

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/images"
	"udml-gpu/engine/report"
	"udml-gpu/models/disk"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// The bounds of the page: its images, about 15 KB each, and the side of a picture in pixels.
const pageImages, pageSide = 600, 256

// page is what page.html shows.
type page struct {
	Title   string
	Report  *Report
	Summary string
	Saved   string
	Where   string // the data set; "": it is not there
	Groups  []shownGroup
	Edge    []shownPairs
	Levels  []shownLevel
	Left    int // groups that are not shown
	Bars    []bar
	Mark    string // where in the histogram the threshold lies, in percent; "": nowhere
}

type shownLevel struct {
	Level
	Taken             bool // it is the threshold
	Precision, Recall string
}

type shownGroup struct {
	Number int
	*Group
	Images []shownImage
}

type shownPairs struct {
	Title string
	Pairs []shownPair
}

type shownPair struct {
	Pair
	Match string
	Image []shownImage
}

type shownImage struct {
	Path, Facts string
	Kept        bool
	Source      template.URL // "": the picture cannot be read
}

type bar struct {
	Label  string
	Count  int
	Height int // of 100
}

// WriteHTML writes a page that stands alone to the file at path: groups with their pictures side by side, and the pairs at the
// threshold. Of more than 600 images it shows the first groups, and says so. pics may be nil. Errors are *baddata.Error.
func WriteHTML(path string, r *Report, c *collection.Collection, pics *pictures.Pictures, ui images.UI) error {
	w := &pageWriter{c: c, pics: pics, done: map[int]template.URL{}}
	p := page{Title: "Duplicates in " + c.Path, Report: r, Summary: r.thresholdText(), Bars: bars(r.Histogram)}
	p.Saved = sizeText(r.Counts.Saved)
	if r.Threshold > 0 && len(r.Thresholds) > 0 {
		p.Mark = fmt.Sprintf("%.1f", 100*r.Threshold)
	}
	for _, l := range r.Thresholds {
		p.Levels = append(p.Levels, shownLevel{l, l.Threshold == r.Threshold, percent(l.Precision), percent(l.Recall)})
	}
	if pics != nil {
		p.Where = pics.Where()
	}
	shown := 0
	for n := range r.Groups {
		g := &r.Groups[n]
		if shown += len(g.Items); shown > pageImages {
			p.Left = len(r.Groups) - n
			break
		}
		s := shownGroup{Number: n + 1, Group: g}
		ui.Worked("drawing groups", n, len(r.Groups))
		for _, i := range g.indices {
			s.Images = append(s.Images, w.image(i, i == g.kept))
		}
		p.Groups = append(p.Groups, s)
	}
	ui.Worked("drawing groups", len(r.Groups), len(r.Groups))
	for _, e := range []struct {
		title string
		list  []Pair
	}{
		{"Just above the threshold", r.Edge.Above}, {"Just below the threshold", r.Edge.Below}, {"Refused by the check", r.Edge.Refused},
	} {
		s := shownPairs{Title: e.title}
		for _, pair := range e.list {
			s.Pairs = append(s.Pairs, shownPair{pair, pair.matchText(), []shownImage{w.image(pair.a, false), w.image(pair.b, false)}})
		}
		if s.Pairs != nil {
			p.Edge = append(p.Edge, s)
		}
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	return written("--html", path, disk.Replace(path, b.Bytes()))
}

// pageWriter makes the pictures of the page.
type pageWriter struct {
	c    *collection.Collection
	pics *pictures.Pictures
	done map[int]template.URL
}

func (w *pageWriter) image(i int, kept bool) shownImage {
	it := &w.c.Items[i]
	s := shownImage{
		Path: it.Path, Kept: kept,
		Facts: fmt.Sprintf("%d x %d, %s, %s", it.Width, it.Height, it.Format, sizeText(it.Size)),
	}
	if it.Taken != "" {
		s.Facts += ", taken " + it.Taken
	}
	if url, ok := w.done[i]; ok || w.pics == nil {
		s.Source = url
		return s
	}
	if b, err := w.pics.JPEG(i, pageSide); err == nil { // else the page says that there is none
		s.Source = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b))
	}
	w.done[i] = s.Source
	return s
}

// sizeText is a number of bytes for a person.
func sizeText(bytes int64) string {
	if bytes < 1<<10 {
		return report.Count(int(bytes), "byte")
	}
	const units = "KMGT"
	v, unit := float64(bytes)/(1<<10), 0
	for ; v >= 1<<10 && unit < len(units)-1; unit++ {
		v /= 1 << 10
	}
	return fmt.Sprintf("%.1f %ciB", v, units[unit])
}

// bars are the histogram's, the highest of height 100.
func bars(bins []Bin) []bar {
	most := 1
	for _, b := range bins {
		most = max(most, b.Count)
	}
	var list []bar
	for _, b := range bins {
		list = append(list, bar{fmt.Sprintf("%.2f to %.2f: %d", b.Low, b.High, b.Count), b.Count, (100*b.Count + most - 1) / most})
	}
	return list
}
