package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/picture"
)

// cacheName is the name of the file for the set's images with this recipe. It depends on where the data set lies, not on its
// content, so that a changed data set replaces its old images.
func cacheName(s *data.Set, o Options) string {
	place := data.Path(s.SourceName())
	scheme := strings.TrimSuffix(s.SourceName(), place)
	if _, err := os.Stat(place); err == nil { // otherwise place is a name, of files in memory
		if abs, err := filepath.Abs(place); err == nil {
			place = abs
		}
	}
	boxes := slices.ContainsFunc(s.Boxes, func(b picture.Box) bool { return b != (picture.Box{}) })
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q boxes=%t", scheme, place, s.Name, o.target().Recipe(), boxes))
	return s.Name + "-" + hex.EncodeToString(sum[:10]) + cacheExtension
}
