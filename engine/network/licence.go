package network

import (
	"strings"

	"github.com/rs/zerolog"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// LicenceKey is the key of the licence of the pretrained weights that a model was made from, in the metadata of models and of files of
// embeddings. Without it nothing says which.
const LicenceKey = "base_license"

// licenceOf is the licence of weights of which a folder says said. Where it says nothing it is unknown, since others train networks of a
// family under other licences; only DINOv3's, which binds everything made from it, is assumed.
func licenceOf(said string, net backbone.Network) string {
	if said == "" && OfDINOv3(net.Licence) {
		return net.Licence
	}
	return said
}

// OfDINOv3 tells whether a licence is that of DINOv3, by any of its spellings.
func OfDINOv3(licence string) bool { return strings.Contains(strings.ToLower(licence), "dinov3") }

// KeepLicence takes the licence that the model in f, which was trained from other weights, records.
func (n *Network) KeepLicence(f *file.Weights) { n.Licence = f.Metadata[LicenceKey] }

// TellConditions says under which conditions a model may be passed on that is made from weights of DINOv3 (DINOv3 License of 19 August
// 2025), where one is trained, and where one is written with a collection: no other licence of published weights binds those who train
// from them in such a way.
func (n *Network) TellConditions(log zerolog.Logger) {
	if !OfDINOv3(n.Licence) {
		return
	}
	log.Warn().Str(LicenceKey, n.Licence).Msg("the weights are under Meta's DINOv3 License, and so is every model made from them: " +
		"whoever gets it must get it under that licence with a copy of it, publications acknowledge DINOv3, and uses for weapons, the " +
		"military, nuclear industry or espionage are excluded; the files record it")
}
