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

// checkMethod is the error of checkLabels or, where there is anything to train, that of checkBatch.
func checkMethod(m method.Method, c setting.Config, images *cache.Cache) error {
	if err := checkLabels(m, c, images); err != nil || c.Epochs == 0 {
		return err
	}
	return checkBatch(m, c, images)
}

// checkBatch is a UsageError where batches of c are smaller than m needs, and an error where there are too few images for one, or for m.
func checkBatch(m method.Method, c setting.Config, images *cache.Cache) error {
	if n, ok := m.(method.ImageNeeder); ok {
		if least, row := n.LeastImages(); images.Len() < least {
			return baddata.Errorf("--%s %d needs %d images or more, and %s has %d", row, least, least, c.Data, images.Len())
		}
	}
	n, ok := m.(method.BatchNeeder)
	if !ok {
		return nil
	}
	switch least := n.LeastBatch(); {
	case c.Batch < least:
		return setting.Usage("--batch %d is too small for --method %s, whose batches have %d images or more", c.Batch, c.Method, least)
	case images.Len() < least:
		return baddata.Errorf("--method %s needs %d images or more, and %s has %d", c.Method, least, c.Data, images.Len())
	}
	return nil
}

// labels are the true labels of the training images for a method that reads them; nil for others.
func (t *Trainer) labels() []int32 {
	if method.ReadsLabels(t.method) {
		return t.train.Labels()
	}
	return nil
}
