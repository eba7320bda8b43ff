package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Chart is a set of lines over a common x axis, such as the epochs.
type Chart struct {
	Title  string
	XLabel string // of the x axis; "": none
	Lines  []Line
	// Curve: y is drawn over values, as in a histogram, not over a count of steps: the x axis may have fractions as labels, and no point
	// is the last.
	Curve bool
}

// Line is points (X[i], Y[i]) in order of X. NaN and infinite points leave a gap.
type Line struct {
	Name   string
	X, Y   []float64
	Dashed bool
}

// The size and margins of the plot in SVG units.
const (
	plotWidth, plotHeight = 480, 230
	plotLeft, plotRight   = 52, 470
	plotTop, plotBottom   = 10, 195
)

// Plot is a chart with all positions computed. Charts without a finite point have none.
type Plot struct {
	Title, XLabel  string
	About          string // the chart in words, for those who do not see it
	Width, Height  int
	Left, Right    int // of the grid lines
	Label, Foot    int // right end of the y axis's labels; base line of the x axis's labels
	XTicks, YTicks []Tick
	Paths          []Path
}

// Tick is a label on an axis.
type Tick struct {
	At    string
	Label string
}

// Path is a line as an SVG path, with its last value.
type Path struct{ Name, Colour, Dash, D, Last string }

// colours can be told apart by most people (Okabe and Ito), on white and on black.
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999"}

// dashes tell lines of the same colour apart: "none" is a whole line.
var dashes = []string{"none", "7 5", "2 5"}

// Plot computes the positions of the chart's lines; nil when there is nothing to show.
func (c Chart) Plot() *Plot {
	x, y := newAxis(plotLeft, plotRight), newAxis(plotBottom, plotTop)
	for _, l := range c.Lines {
		for i := range min(len(l.X), len(l.Y)) {
			if finite(l.X[i]) && finite(l.Y[i]) {
				x.include(l.X[i])
				y.include(l.Y[i])
			}
		}
	}
	if !(x.lo <= x.hi) {
		return nil
	}
	p := &Plot{
		Title: c.Title, XLabel: c.XLabel, Width: plotWidth, Height: plotHeight,
		Left: plotLeft, Right: plotRight, Label: plotLeft - 6, Foot: plotBottom + 18,
		XTicks: x.ticks(6, !c.Curve), YTicks: y.ticks(4, false),
	}
	about := c.Title
	for i, l := range c.Lines {
		d, last := l.path(x, y)
		about += l.inWords(c.Curve)
		dash := dashes[i/len(colours)%len(dashes)]
		if l.Dashed {
			dash = dashes[1]
		}
		if c.Curve {
			last = ""
		}
		p.Paths = append(p.Paths, Path{Name: l.Name, Colour: colours[i%len(colours)], Dash: dash, D: d, Last: last})
	}
	p.About = about
	return p
}

// inWords says where the line begins and ends, and between which values it lies; of a curve over values, where it is highest.
func (l Line) inWords(curve bool) string {
	if curve {
		return l.peak()
	}
	var list []float64
	for _, v := range l.Y[:min(len(l.X), len(l.Y))] {
		if finite(v) {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return ""
	}
	text := fmt.Sprintf("; %s: from %.4g to %.4g", l.Name, list[0], list[len(list)-1])
	if len(list) > 2 {
		text += fmt.Sprintf(", between %.4g and %.4g", slices.Min(list), slices.Max(list))
	}
	return text
}

// peak says where the line is highest.
func (l Line) peak() string {
	best := -1
	for i := range min(len(l.X), len(l.Y)) {
		if finite(l.Y[i]) && (best < 0 || l.Y[i] > l.Y[best]) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return fmt.Sprintf("; %s: highest at %.4g", l.Name, l.X[best])
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// path is the line's SVG path and its last finite value.
func (l Line) path(x, y axis) (d, last string) {
	var b strings.Builder
	pen := "M"
	for i := range min(len(l.X), len(l.Y)) {
		if !finite(l.X[i]) || !finite(l.Y[i]) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%s %s", pen, x.place(l.X[i]), y.place(l.Y[i]))
		if pen == "M" {
			b.WriteString("h0") // makes a single point visible as a dot
		}
		pen, last = "L", strconv.FormatFloat(l.Y[i], 'g', 4, 64)
	}
	return b.String(), last
}

// axis maps [lo,hi] to SVG units from..to.
type axis struct{ lo, hi, from, to float64 }

func newAxis(from, to float64) axis {
	return axis{lo: math.Inf(1), hi: math.Inf(-1), from: from, to: to}
}

func (a *axis) include(v float64) { a.lo, a.hi = min(a.lo, v), max(a.hi, v) }

func (a axis) place(v float64) string {
	share := 0.5 // a single value is placed in the middle
	if a.hi > a.lo {
		share = v/(a.hi-a.lo) - a.lo/(a.hi-a.lo)
	}
	return strconv.FormatFloat(a.from+(a.to-a.from)*share, 'f', 1, 64)
}

// ticks are about count round numbers inside the axis; whole: no fractions.
func (a axis) ticks(count int, whole bool) []Tick {
	step := roundStep((a.hi - a.lo) / float64(count))
	if whole {
		step = max(1, step)
	}
	if !(a.hi > a.lo) || !finite(step) || step == 0 {
		return []Tick{{At: a.place(a.lo), Label: strconv.FormatFloat(a.lo, 'g', 4, 64)}}
	}
	var list []Tick
	first := math.Ceil(a.lo / step)
	for i := range 2*count + 2 {
		v := (first + float64(i)) * step
		if v > a.hi {
			break
		}
		list = append(list, Tick{At: a.place(v), Label: tickLabel(v, step)})
	}
	return list
}

// tickLabel has as many digits as tell a tick from its neighbours.
func tickLabel(v, step float64) string {
	decimals := int(math.Ceil(-math.Log10(step) - 1e-9))
	if decimals > 8 || math.Abs(v) >= 1e6 {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	text := strconv.FormatFloat(v, 'f', max(0, decimals), 64)
	if strings.Trim(text, "-0.") == "" {
		return "0"
	}
	return text
}

// roundStep is the smallest of 1, 2, 5, 10, ... times a power of ten that is not below v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v {
			return m * power
		}
	}
	return 10 * power
}
