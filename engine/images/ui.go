package images

import "github.com/rs/zerolog"

// UI is how long work tells the person who started it how it goes.
type UI struct {
	Log zerolog.Logger
	// Loading is told how many images of how many are decoded; nil: no progress is reported.
	Loading func(done, total int)
	// Embedding is told the same of the images that have gone through the network.
	Embedding func(done, total int)
	// Work is told how far other work is, and in a word or two what it is; nil: no progress is reported.
	Work func(what string, done, total int)
}

// Worked calls Work where there is one.
func (u UI) Worked(what string, done, total int) {
	if u.Work != nil {
		u.Work(what, done, total)
	}
}

// Working is Worked of one kind of work.
func (u UI) Working(what string) func(done, total int) {
	return func(done, total int) { u.Worked(what, done, total) }
}

// Note logs a sentence.
func (u UI) Note(text string) { u.Log.Info().Msg(text) }
