package preset

import (
	"fmt"

	"udml-gpu/engine/setting"
)

// fewestTrained is how many images the rule of training asks for: the sets by which it was measured had 700 to 2,978.
const fewestTrained = 500

// trained are the settings that the rule of training chooses together, since a rate is one for an optimiser and a method.
var trained = []struct {
	key   string
	value any
}{
	{"method", "mutual"}, {"optimizer", "adamw"}, {"lr", 1e-4}, {"weight-decay", 0.01},
}

// openTraining says whether usual (resolved) trains, and no layer says how: with which method, or anything of one, by what steps.
func openTraining(l *setting.Layers, usual *setting.Config) bool {
	return usual.Epochs > 0 && !l.Asks("method") && l.Open("optimizer") && l.Open("lr") && l.Open("momentum") && l.Open("nesterov") &&
		l.Open("weight-decay")
}

// chooseTraining sets how a run trains that asks for epochs and leaves the rest open. The sentence says so; "" where nothing was changed.
func (f *Facts) chooseTraining(l *setting.Layers, usual *setting.Config) string {
	switch {
	case !openTraining(l, usual):
		return ""
	case f.Images < fewestTrained:
		l.Explain("method", fmt.Sprintf("fewer than %d images, for which no other was measured", fewestTrained))
		return ""
	case f.drawings():
		l.Explain("method", "line drawings, for which no other was measured with these weights")
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
