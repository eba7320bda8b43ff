package method

// Figure is a number that a method reports for an epoch.
type Figure struct {
	Key   string // in metrics.jsonl
	Value float64
}

// Figures collect what a method reports for an epoch besides its loss terms.
type Figures interface {
	// Begin starts a new epoch: what was collected is dropped.
	Begin()
	// Add adds a step that was not skipped. live is the number of slots of Outputs.Count that have members.
	Add(images int, live float64)
	// Epoch are the figures so far, in the order in which they are reported. images is the number of images seen, counted the
	// number of steps that were not skipped, chosen how often each column of Outputs.Logits was the largest of an image's first
	// view.
	Epoch(images, counted int, chosen []int32) []Figure
	// Text is the method's part of the log line of an epoch; "" where there is nothing to report.
	Text(epoch []Figure) string
	// Charts are the charts that the run's page draws of the figures.
	Charts() []Chart
	// Collapsed is the collapse that the epochs so far show; nil where there is none. The last epoch has just ended; images is
	// the number of training images.
	Collapsed(epochs []EpochFigures, images int) *Collapse
	// Diagnosis are the figures of an epoch that diagnosis.json holds.
	Diagnosis(epoch []Figure) []Figure
}

// Watched is a method with figures of its own.
type Watched interface {
	Figures() Figures
}

// FiguresOf are the figures of m, which are empty if it has none.
func FiguresOf(m Method) Figures {
	if w, ok := m.(Watched); ok {
		return w.Figures()
	}
	return noFigures{}
}

// noFigures are those of a method that reports nothing besides its loss terms.
type noFigures struct{}

func (noFigures) Begin()                                  {}
func (noFigures) Add(int, float64)                        {}
func (noFigures) Epoch(int, int, []int32) []Figure        { return nil }
func (noFigures) Text([]Figure) string                    { return "" }
func (noFigures) Charts() []Chart                         { return nil }
func (noFigures) Collapsed([]EpochFigures, int) *Collapse { return nil }
func (noFigures) Diagnosis([]Figure) []Figure             { return nil }

// EpochFigures are the figures of one epoch.
type EpochFigures struct {
	Epoch   int
	Figures []Figure
}

// Chart is a chart of figures over the epochs.
type Chart struct {
	Title string
	Lines []ChartLine
}

// ChartLine is one figure in a chart.
type ChartLine struct{ Key, Name string }

// Collapse is the report of a method that has stopped learning.
type Collapse struct {
	Reason string // in a word or two, for diagnosis.json
	Since  int    // the epoch in which it began
	Seen   string // what was seen: "all images fell into one of 32 clusters in epochs 3 to 4 (--collapse-epochs 2)"
	Try    string // what a user can do about it
}

// Find is the value of the figure of that key; false where the list has none.
func Find(list []Figure, key string) (float64, bool) {
	for _, f := range list {
		if f.Key == key {
			return f.Value, true
		}
	}
	return 0, false
}
