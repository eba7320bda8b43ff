package images

import (
	"errors"
	"os"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
)

// WantData tells apart a data set that has been moved since the run began.
func WantData(c setting.Config, dir string) error {
	if data.IsDemo(c.Data) || data.Remote(c.Data) {
		return nil
	}
	if _, err := os.Stat(data.Path(c.Data)); errors.Is(err, os.ErrNotExist) {
		return baddata.Errorf("the images of the run %s are not at %s: name where they lie now with --data", dir, c.Data)
	}
	return nil
}
