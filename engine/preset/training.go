package preset

import (
	"fmt"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/setting"
)

// The rule of training asks for fewestTrained images: the sets by which it was measured had 300 to 2,978. Of more than mostTrained nothing
// is trained unasked, since it takes several times as long as embedding them.
const (
	fewestTrained = 300
	mostTrained   = 20_000
)

// Where nothing is said of epochs, trainedEpochs are trained, on views of half the size, though of no fewer pixels than leastView: a step
// takes a quarter of the time then. Of what such steps change keptShare is kept: on every set that was measured Recall@1 gains what it does
// with all of it, within 0.003, or loses less. Where the views have the full size all of it gained more.
const (
	trainedEpochs = 2
	leastView     = 112
	keptShare     = "0.5"
)

// trained are the settings that the rule of training chooses together, since a rate is one for an optimiser and a method.
var trained = []struct {
	key   string
	value any
}{
	{"method", "mutual"}, {"optimizer", "adamw"}, {"lr", 1e-4}, {"weight-decay", 0.01},
}

// openTraining says whether usual (resolved) trains, and no layer says how: with which method, or anything of one, by what steps.
func openTraining(l *setting.Layers, usual *setting.Config) bool {
	return usual.Epochs > 0 && openSteps(l)
}

func openSteps(l *setting.Layers) bool {
	return !l.Asks("method") && l.Open("optimizer") && l.Open("lr") && l.Open("momentum") && l.Open("nesterov") && l.Open("weight-decay")
}

// openEpochs says whether usual (resolved) trains nothing only because no layer says anything of training.
func openEpochs(l *setting.Layers, usual *setting.Config) bool {
	return usual.Epochs == 0 && l.Open("epochs") && !usual.KeepsStart() && openSteps(l)
}

// trains says whether a run with open epochs trains.
func (f *Facts) trains() bool { return f.Images >= fewestTrained && f.Images <= mostTrained }

// chooseTraining sets how a run trains that asks for epochs and leaves the rest open. The sentence says so; "" where nothing was changed.
func (f *Facts) chooseTraining(l *setting.Layers, usual *setting.Config) string {
	switch {
	case !openTraining(l, usual):
		return ""
	case f.Images < fewestTrained:
		l.Explain("method", fmt.Sprintf("fewer than %d images, for which no other was measured", fewestTrained))
		return ""
	}
	const why = "from these weights it gained most of what was measured"
	said := "--preset auto trains with"
	for _, s := range trained {
		l.Choose(s.key, s.value, why)
		said += fmt.Sprintf(" --%s %v", s.key, s.value)
	}
	return said + ": " + why
}

// chooseEpochs sets, where the epochs are open, whether there are any, and then that images are seen whole, as where nothing is trained.
// usual (resolved) gets what is set. The sentence says so; "" where nothing was changed.
func (f *Facts) chooseEpochs(l *setting.Layers, usual *setting.Config) string {
	if !openEpochs(l, usual) || !f.trains() {
		if l.Open("epochs") {
			l.Explain("epochs", f.untrained(usual))
		}
		return ""
	}
	usual.Epochs = trainedEpochs
	l.Choose("epochs", trainedEpochs, "as many gained on most sets that were measured; --epochs 0 trains nothing")
	said := fmt.Sprintf("--preset auto takes --epochs %d", trainedEpochs)
	if l.Open("resize") {
		l.Choose("resize", usual.Resize, "the whole picture")
	}
	if side := viewSide(usual.Size); side < usual.Size {
		said += chooseViews(l, side, usual.Size)
	}
	return said + " (--epochs 0 trains nothing)"
}

// viewSide is the side of the training views of a result of that size.
func viewSide(size int) int { return min(size, max(leastView, size/2)) }

// chooseViews sets views of that side where the result has another, and that half of what they change is kept, as far as both are open.
func chooseViews(l *setting.Layers, side, size int) (said string) {
	if l.Open("train-size") {
		l.Choose("train-size", side, fmt.Sprintf("smaller views take less time; the result is made at %d", size))
		said = fmt.Sprintf(" --train-size %d", side)
	}
	if l.Open("result") {
		l.Choose("result", keptShare, "half of what smaller views change: most of its gain, and less loss where it does harm")
		said += " --result " + keptShare
	}
	return said
}

// shortly are the flags of what chooseEpochs chooses; usual (resolved) trains nothing, so that it shows whole pictures.
func shortly(usual *setting.Config) string {
	flags := fmt.Sprintf("--epochs %d --resize %d", trainedEpochs, usual.Resize)
	if side := viewSide(usual.Size); side < usual.Size {
		flags += fmt.Sprintf(" --train-size %d --result %s", side, keptShare)
	}
	return flags
}

// untrained says why nothing is trained, or why it is not for the preset to say.
func (f *Facts) untrained(usual *setting.Config) string {
	switch {
	case usual.Epochs > 0:
		return "a setting of training, or a method, is given"
	case f.Images < criteria.Fewest:
		return fmt.Sprintf("fewer than %d images: too few to tell whether training improves them", criteria.Fewest)
	case f.Images < fewestTrained:
		return fmt.Sprintf("fewer than %d images, for which training was not measured", fewestTrained)
	case f.Images > mostTrained:
		return fmt.Sprintf("more than %d images, of which training takes long: %s trains as fewer would be", mostTrained, shortly(usual))
	}
	return "--result asks for the start"
}
