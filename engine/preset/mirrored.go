package preset

import "udml-gpu/engine/setting"

// Whether mirror images are alike is decided by colours: photos, which have them, are as good to their mirror images as to themselves, and
// characters are not. Of sets without colours nothing in their pixels tells which are of characters; those of other things lose nothing
// where mirror images count as others. Sets in which mostlyColour or more have colours count as photos.
const mostlyColour = 0.5

// The reasons for --also-mirrored and --flip.
const (
	whyMirrored = "sets of images with colours gained by it or stayed as they were"
	whyNoFlip   = "most of the images have no colours: sets of characters gained by it, others changed little"
)

// openFlip says whether views of usual (resolved) are mirrored only because no layer says anything of a method or of views.
func openFlip(l *setting.Layers, usual *setting.Config) bool {
	return usual.Flip > 0 && !l.Asks("method", "views")
}

// openMirrored says whether usual (resolved) has a second size that could show mirror images, and no layer says whether it does.
func openMirrored(l *setting.Layers, usual *setting.Config) bool {
	return usual.AlsoSize != 0 && !usual.MirrorAverage && usual.Flip > 0 && l.Open("also-mirrored")
}

// chooseMirrored sets, where that is open, whether views are mirrored, also in usual (resolved), and whether the second size shows mirror
// images. The sentence says so; "" where nothing was changed.
func (f *Facts) chooseMirrored(l *setting.Layers, usual *setting.Config) string {
	switch {
	case f.Decoded == 0:
	case f.Colour >= mostlyColour && openMirrored(l, usual):
		l.Choose("also-mirrored", true, whyMirrored)
		return "--preset auto takes --also-mirrored: " + whyMirrored
	case f.Colour < mostlyColour && openFlip(l, usual):
		usual.Flip = 0
		l.Choose("flip", 0.0, whyNoFlip)
		return "--preset auto takes --flip 0: " + whyNoFlip
	}
	return ""
}
