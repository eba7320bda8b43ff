package images

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// TellNotes logs what the data set holds and does not use, and doubts about how it was read: one line a reason.
func TellNotes(log zerolog.Logger, src *data.Source) {
	for _, n := range src.Notes() {
		e := log.Info()
		if n.Warning {
			e = log.Warn()
		}
		e.Str("reason", n.Reason).Int("count", n.Count).Strs("examples", n.Examples).Msg(n.Message)
	}
}

// tellTraining logs which splits are trained on and measured with, and how many images are in neither. Without splits there
// is nothing to choose from.
func tellTraining(log zerolog.Logger, c setting.Config, src *data.Source) {
	if len(src.Splits()) == 0 {
		return
	}
	train, test := TrainingSet(src), src.Split("test")
	text := fmt.Sprintf("trained on: %s", splitText(train))
	if test != nil && train.Name != "all" {
		text += fmt.Sprintf(", quality measured on: %s", splitText(test))
	}
	if train.Name == "all" {
		text += ": there is no split train, so that what is measured was seen in training"
	}
	if rest := untouched(src, train, test); rest != "" {
		text += ", not used: " + rest
	}
	log.Info().Str("layout", src.Layout()).Msg(text + howRead(c, src))
}

// TellChoice logs which split of the data set is taken, and how many images that leaves out.
func TellChoice(log zerolog.Logger, c setting.Config, src *data.Source, set *data.Set) {
	if len(src.Splits()) == 0 {
		return
	}
	all := src.Split("all")
	left := len(all.Items) - len(set.Items)
	text := fmt.Sprintf("taken: %s", splitText(set))
	switch {
	case left > 0:
		text += fmt.Sprintf(" of %d; the other %d are left out, --split all takes all", len(all.Items), left)
	case set == all:
		text += "; --split takes a part of them: " + strings.Join(src.Splits(), ", ")
	}
	log.Info().Str("split", set.Name).Int("images", len(set.Items)).Int("left_out", left).Msg(text + howRead(c, src))
}

func splitText(set *data.Set) string {
	if set.Name == "all" {
		return "all " + report.Count(len(set.Items), "image")
	}
	return fmt.Sprintf("split %s with %s", set.Name, report.Count(len(set.Items), "image"))
}

// howRead reminds that folders were taken for splits by their names.
func howRead(c setting.Config, src *data.Source) string {
	if src.Layout() == "splits" && !data.IsDemo(c.Data) {
		return " (--layout plain reads all folders as one set)"
	}
	return ""
}

// untouched are the images that training has no use for: those of other splits, and of lists those of none. What lies outside
// the splits of folders is a note of its own.
func untouched(src *data.Source, train, test *data.Set) string {
	if train.Name == "all" {
		return ""
	}
	var parts []string
	in := 0
	for _, name := range []string{"train", "test", "val"} {
		set := src.Split(name)
		if set == nil {
			continue
		}
		in += len(set.Items)
		if set != train && set != test {
			parts = append(parts, splitText(set))
		}
	}
	if rest := len(src.Split("all").Items) - in; rest > 0 && src.Layout() == "list" {
		parts = append(parts, report.Count(rest, "image")+" of no split")
	}
	return strings.Join(parts, ", ")
}

// TrainingSet is what is trained on: the training split, or all where there is none.
func TrainingSet(src *data.Source) *data.Set {
	if set := src.Split("train"); set != nil {
		return set
	}
	return src.Split("all")
}
