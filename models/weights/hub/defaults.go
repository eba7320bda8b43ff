package hub

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
	case siglip, vit:
		return halfMean, halfStd
	}
	return imageNetMean, imageNetStd
}

// Usual is how the family's publisher prepares images, for weights without a file that says it (the model cards of each). side is the
// side of the images that the positions were learned for, 0 if there are none.
func Usual(family string, side int) *Input {
	in := &Input{Size: 224, Resize: 224, ResizeMode: "squash", Interpolation: "bicubic", Range: 1, From: "the usual one of " + family}
	in.Mean, in.Std = usualLevels(family)
	switch family {
	case dinov2: // Meta's and transformers'; trained at 518
		in.Resize, in.ResizeMode = 256, "shorter"
	case dinov3: // transformers'
		in.Interpolation = "bilinear"
	case clip:
		in.ResizeMode = "shorter"
		in.sized(side)
	case convnext:
		in.Resize, in.ResizeMode = 256, "shorter"
	default:
		in.sized(side)
	}
	return in
}

// sized makes images of that side in pixels, if it is known.
func (in *Input) sized(side int) {
	if side > 0 {
		in.Size, in.Resize = side, side
	}
}
