package method

// Figure is a number that a method reports of an epoch.
type Figure struct {
	Key   string // in metrics.jsonl
	Value float64
}

// Figures gather what a method shows of an epoch beside its loss terms.
type Figures interface {
	// Begin forgets what was gathered: a new epoch.
	Begin()
	// Add takes in a step of that many images which was not skipped. live is the number of slots with members of Outputs.Count.
	Add(images int, live float64)
	// Epoch are the figures so far, of that many images in steps of which so many counted, in the order in which they are reported.
	// chosen is how often each column of Outputs.Logits was the largest of an image's first view.
	Epoch(images, counted int, chosen []int32) []Figure
	// Text is a part of the line that tells of an epoch, "" where there is nothing to tell.
	Text(epoch []Figure) string
	// Charts say which figures the run's page draws, and how.
	Charts() []Chart
	// Collapsed looks for a collapse in the epochs so far, the last of which has just ended; nil where there is none.
	Collapsed(epochs []EpochFigures, images int) *Collapse
	// Diagnosis are the figures that diagnosis.json tells of each epoch.
	Diagnosis(epoch []Figure) []Figure
}

// Watched is a method with figures of its own.
type Watched interface {
	Figures() Figures
}

// EpochFigures are those of one epoch.
type EpochFigures struct {
	Epoch   int
	Figures []Figure
}

// Chart is a drawing of figures over the epochs.
type Chart struct {
	Title string
	Lines []ChartLine
}

// ChartLine is one figure in a chart.
type ChartLine struct{ Key, Name string }

// Collapse is what a method takes for the end of learning.
type Collapse struct {
	Reason string // in a word or two, for diagnosis.json
	Since  int    // the epoch in which it began
	Seen   string // what was seen: "all images fell into one of 32 clusters in epochs 3 to 4 (--collapse-epochs 2)"
	Try    string // what a user can do about it
}

// Find is the figure of that key.
func Find(list []Figure, key string) (float64, bool) {
	for _, f := range list {
		if f.Key == key {
			return f.Value, true
		}
	}
	return 0, false
}
