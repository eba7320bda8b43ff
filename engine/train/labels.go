package train

import (
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/method"
	"udml-gpu/engine/setting"
)

// checkLabels is an error where m reads true labels and the images of c lack some, or are all of one class: a UsageError where the method
// was chosen and cannot do without any.
func checkLabels(m method.Method, c setting.Config, images *cache.Cache) error {
	if !method.ReadsLabels(m) {
		return nil
	}
	if !method.NeedsLabels(m) {
		if images.Labelled() {
			return nil
		}
		return baddata.Errorf("--pseudo-labels oracle needs a label for each image that is trained on, and %d of the %d of %s have none; "+
			"see --labels", images.Unlabelled(), images.Len(), c.Data)
	}
	if !images.Labelled() {
		return setting.Usage("--method %s learns from a label of each image, and %d of the %d of %s have none: see --labels, or choose a "+
			"method that reads no labels", c.Method, images.Unlabelled(), images.Len(), c.Data)
	}
	labels := images.Labels()
	for _, l := range labels {
		if l != labels[0] {
			return nil
		}
	}
	return baddata.Errorf("--method %s tells classes apart, and all %d images of %s are of one class", c.Method, len(labels), c.Data)
}

// labels are the true labels of the training images for a method that reads them; nil for others.
func (t *Trainer) labels() []int32 {
	if method.ReadsLabels(t.method) {
		return t.train.Labels()
	}
	return nil
}
