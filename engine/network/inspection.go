package network

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
	"udml-gpu/models/weights/hub"
)

// inspection is a file of weights that is being looked into.
type inspection struct {
	weights *hub.Opened
	file    *file.Opened
	outline *file.Weights // every tensor, without elements, by the names that its network has for it
	named   *file.Weights // those of the state dict in the same way
	main    *file.Weights // the state dict
	part    string        // that was asked for, or ""
	refused error         // why it is not there
	report  *WeightsReport
}

func (i *inspection) run() (err error) {
	if i.main, err = i.file.Main(); err != nil {
		return err
	}
	if i.outline, err = i.weights.Named(i.weights.Outline); err != nil {
		return err
	}
	if i.named, err = i.weights.Named(i.main.Outline()); err != nil {
		return err
	}
	for _, name := range i.candidates() {
		if err := i.try(name); err != nil {
			return err
		}
	}
	if i.report.Best == nil && i.refused != nil {
		return i.refused
	}
	i.nameParts()
	f, err := i.shown()
	if err != nil {
		return err
	}
	i.report.Count = len(f.Tensors)
	for _, t := range f.Tensors {
		i.report.Tensors = append(i.report.Tensors, TensorInfo{t.Name, t.DType, t.Shape, len(t.Data), t.NotFinite()})
		i.report.Bytes += len(t.Data)
	}
	return nil
}

// candidates are the networks that the file may fill: a transformer is known, others are tried.
func (i *inspection) candidates() []string {
	if s := i.weights.Spec; s.Family != "" {
		return []string{s.Name()}
	}
	return slices.DeleteFunc(backbone.Names(), func(name string) bool {
		_, err := backbone.ParseSpec(name)
		return err == nil
	})
}

// nameParts names the parts, of which a single one says nothing.
func (i *inspection) nameParts() {
	r := i.report
	if len(r.Parts) < 2 && i.part == "" {
		r.Parts = nil
	}
	var beginnings []string
	for _, p := range r.Parts {
		beginnings = append(beginnings, p.Beginning)
	}
	for at, p := range weights.NameParts(beginnings) {
		r.Parts[at].Name = p.Name
	}
}

// shown is what the report lists: the state dict; the part that was asked for; or all tensors, where a network lies outside the
// state dict.
func (i *inspection) shown() (*file.Weights, error) {
	for _, p := range i.report.Parts {
		switch {
		case i.part != "" && p.Taken:
			return i.file.Part(p.Beginning)
		case i.part == "" && !i.file.InMain(p.Beginning):
			return i.file.Part("")
		}
	}
	return i.main, nil
}

// try compares the file with a backbone for colour images, and for grey ones where a tensor has another shape: the first
// layer's may be that of grey images.
func (i *inspection) try(name string) error {
	for _, channels := range []int{3, 1} {
		fit, err := i.compare(name, channels)
		if err != nil || fit == nil {
			return err
		}
		i.report.consider(fit)
		if len(fit.Differ) == 0 {
			break
		}
	}
	return nil
}

// consider adds a backbone to those that fit, and keeps it where it has the largest share of its parameters.
func (r *WeightsReport) consider(fit *BackboneFit) {
	if fit.Matched == fit.Parameters {
		r.Fits = append(r.Fits, fit.Backbone)
	}
	if fit.Matched > 0 && (r.Best == nil || fit.Matched*r.Best.Parameters > r.Best.Matched*fit.Parameters) {
		r.Best = fit
	}
}

// compare is how a backbone meets what it would be filled from: where no part is chosen, the first. It is nil where
// the part that was asked for is not there.
func (i *inspection) compare(name string, channels int) (*BackboneFit, error) {
	net, err := backbone.Find(name)
	if err != nil {
		return nil, err
	}
	store := shapesOf(net, channels)
	defer store.Free()
	params, f, o := store.Params(), i.named, published(net, i.part)
	choice, unchosen := o.Choose(params, i.outline)
	if unchosen != nil && i.part != "" {
		if i.refused == nil || len(choice.Parts) > 0 { // which names those that are there
			i.refused = unchosen
		}
		return nil, nil
	}
	i.note(name, choice, unchosen == nil)
	if unchosen != nil {
		choice.Part = choice.Parts[0]
	}
	if i.part != "" || len(choice.Parts) > 1 || len(choice.Parts) == 1 && !i.file.InMain(choice.Beginning) {
		f, o.Published, o.Part = i.outline.Behind(choice.Beginning), false, ""
	}
	fit, err := weights.Compare(params, f, o)
	return &BackboneFit{
		Backbone: name, Channels: channels, Parameters: len(params), Matched: fit.Matched,
		Missing: listed(fit.Missing), Differ: listed(fit.Differ), Extra: listed(fit.Extra),
	}, err
}

// note adds to the report the parts that a backbone fits, and which of them would be taken.
func (i *inspection) note(name string, c weights.Choice, chosen bool) {
	r := i.report
	for _, p := range c.Parts {
		at := slices.IndexFunc(r.Parts, func(w WeightPart) bool { return w.Beginning == p.Beginning })
		if at < 0 {
			at, r.Parts = len(r.Parts), append(r.Parts, WeightPart{Beginning: p.Beginning})
		}
		known := &r.Parts[at]
		known.Fits = append(known.Fits, name)
		if chosen && p.Beginning == c.Beginning {
			known.Taken, known.Why = true, c.Why
		}
	}
}

// shapesOf are the parameters of a backbone for images of that many channels. The caller frees them.
func shapesOf(net backbone.Network, channels int) *layer.Store {
	dev := kernels.CPU()
	store := layer.NewShapes(dev, kernels.Float32)
	images := dev.New(kernels.Float32, 1, net.MinSize, net.MinSize, channels)
	defer images.Free()
	t := tape.New(dev, kernels.Float32, false)
	net.Features(layer.NewScope(t, store), t.Input(images)) // recording it creates the parameters
	return store
}
