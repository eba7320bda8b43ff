package hub

import "udml-gpu/models/backbone"

// Levels of red, green and blue in 0..1 that published networks were trained with.
var (
	imageNetMean, imageNetStd = []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	openAIMean, openAIStd     = []float64{0.48145466, 0.4578275, 0.40821073}, []float64{0.26862954, 0.26130258, 0.27577711}
	halfMean, halfStd         = []float64{0.5, 0.5, 0.5}, []float64{0.5, 0.5, 0.5}
)

// usualLevels are the mean and deviation of the family's published networks.
func usualLevels(family string) (mean, std []float64) {
	switch family {
	case clip:
		return openAIMean, openAIStd
	case siglip:
		return halfMean, halfStd
	}
	return imageNetMean, imageNetStd
}

// UsualOf is how the publisher of the transformer's family prepares images, for weights without a file that says it (the model cards of
// each).
func UsualOf(s backbone.Spec) *Input {
	side := s.Grid * s.Patch // of the images that the positions were learned for
	in := &Input{Size: 224, Resize: 224, ResizeMode: "squash", Interpolation: "bicubic", Range: 1, From: "the usual one of " + s.Family}
	in.Mean, in.Std = usualLevels(s.Family)
	switch s.Family {
	case dinov2: // Meta's and transformers'; the positions are for 518
		in.Size, in.Resize, in.ResizeMode = inPatches(224, s), inPatches(224, s)*8/7, "shorter"
	case dinov3: // transformers'
		in.Size, in.Resize, in.Interpolation = inPatches(224, s), inPatches(224, s), "bilinear"
	case clip:
		in.Size, in.Resize, in.ResizeMode = side, side, "shorter"
	default:
		in.Size, in.Resize = side, side
	}
	return in
}

// inPatches is the largest number of pixels up to side that patches cover.
func inPatches(side int, s backbone.Spec) int { return max(1, side/s.Patch) * s.Patch }
