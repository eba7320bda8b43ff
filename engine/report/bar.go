package report

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// redraw is the least time between two updates of the bar.
const redraw = 100 * time.Millisecond

// Bar is a progress bar of one line, redrawn in place. It writes nothing unless the output is a terminal. One goroutine at a
// time may use it.
type Bar struct {
	w       io.Writer
	visible bool
	now     func() time.Time
	width   func() int
	drawn   time.Time // when the line on screen was drawn; zero: no line
	epoch   int
	start   time.Time // start of measuring the epoch's rate: the end of its first step
	skipped int       // images of that first step
	work    string    // what Work has shown last
	began   time.Time // when, and done how much, Work showed it first
	before  int
}

// NewBar is a bar on w; interactive tells whether w is a terminal.
func NewBar(w io.Writer, interactive bool) *Bar {
	return &Bar{w: w, visible: interactive, now: time.Now, width: func() int { return terminalWidth(w) }}
}

func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 80
}

// Position is the progress of training: Step of Steps in Epoch of Epochs, with Images of the epoch processed.
type Position struct{ Epoch, Epochs, Step, Steps, Images int }

// left is the number of remaining steps.
func (p Position) left() int { return p.Steps - p.Step + max(0, p.Epochs-p.Epoch)*p.Steps }

// Step shows that a step is done; terms are its loss terms. The rate is that of the epoch without its first step,
// which also warms up; the time left covers all remaining epochs.
func (b *Bar) Step(at Position, terms map[string]float64) {
	if !b.visible {
		return
	}
	now := b.now()
	if at.Epoch != b.epoch || at.Step <= 1 {
		b.epoch, b.start, b.skipped = at.Epoch, now, at.Images
	}
	if at.Step < at.Steps && now.Sub(b.drawn) < redraw {
		return
	}
	parts := []string{fmt.Sprintf("epoch %d/%d %s %d/%d", at.Epoch, at.Epochs, gauge(at.Step, at.Steps), at.Step, at.Steps)}
	if seconds := now.Sub(b.start).Seconds(); seconds > 0 && at.Step > 1 {
		left := time.Duration(seconds / float64(at.Step-1) * float64(at.left()) * float64(time.Second))
		parts = append(parts, fmt.Sprintf("%.0f images/s, %s left", float64(at.Images-b.skipped)/seconds, clock(left)))
	}
	b.draw(strings.Join(append(parts, termList(terms)), "  "), now)
}

// Loading shows that done of total images are read, and how long the rest will take, as do Embedding and Writing.
func (b *Bar) Loading(done, total int) { b.Work("reading images", done, total) }

// Embedding shows that done of total images have been embedded.
func (b *Bar) Embedding(done, total int) { b.Work("embedding images", done, total) }

// Writing shows that done of total images are written.
func (b *Bar) Writing(done, total int) { b.Work("writing images", done, total) }

// Work shows that done of total parts of a piece of work are done, what it is, and how long the rest will take.
func (b *Bar) Work(what string, done, total int) {
	if !b.visible {
		return
	}
	now := b.now()
	if what != b.work || done < b.before {
		b.work, b.began, b.before = what, now, done
	}
	if seconds := now.Sub(b.began).Seconds(); done > b.before && done < total {
		left := time.Duration(seconds / float64(done-b.before) * float64(total-done) * float64(time.Second))
		what = fmt.Sprintf("%s, %s left", what, clock(left))
	}
	b.count(what, done, total)
}

func (b *Bar) count(what string, done, total int) {
	now := b.now()
	if !b.visible || (done < total && now.Sub(b.drawn) < redraw) {
		return
	}
	if done >= total {
		b.Clear()
		return
	}
	b.draw(fmt.Sprintf("%s %s %d/%d", what, gauge(done, total), done, total), now)
}

// Clear removes the bar, so that something else can be printed.
func (b *Bar) Clear() {
	if b.visible && !b.drawn.IsZero() {
		io.WriteString(b.w, "\r\x1b[K")
		b.drawn = time.Time{}
	}
}

// draw replaces the line on screen, cut to the width of the terminal.
func (b *Bar) draw(line string, now time.Time) {
	if n := b.width() - 1; len(line) > n {
		line = line[:max(0, n)]
	}
	io.WriteString(b.w, "\r"+line+"\x1b[K")
	b.drawn = now
}

// gauge is the bar itself.
func gauge(done, total int) string {
	const cells = 20
	full := cells
	if total > 0 {
		full = min(cells, max(0, cells*done/total))
	}
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", cells-full) + "]"
}

// clock is a duration as 1:02:03 or 2:03.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// termList is the loss followed by the other terms in order of their names, briefly.
func termList(terms map[string]float64) string {
	names := slices.SortedFunc(maps.Keys(terms), func(a, b string) int {
		if (a == "loss") != (b == "loss") {
			if a == "loss" {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	var list []string
	for _, n := range names {
		list = append(list, fmt.Sprintf("%s %.3g", strings.TrimSuffix(n, "_entropy"), terms[n]))
	}
	return strings.Join(list, "  ")
}
