package picture

import (
	"image"

	"udml-gpu/engine/data/picture/rawfile"
	"udml-gpu/engine/data/picture/unread"
)

// rawPreview is the largest preview in a raw file, a JPEG file.
func rawPreview(b []byte) ([]byte, error) {
	if p := rawfile.Preview(b); p != nil {
		return p, nil
	}
	return nil, &unread.Error{Format: "camera raw without a JPEG preview inside"}
}

func rawConfig(b []byte) (image.Config, error) {
	p, err := rawPreview(b)
	if err != nil {
		return image.Config{}, err
	}
	return jpegConfig(p)
}

func decodeRaw(b []byte) (image.Image, error) {
	p, err := rawPreview(b)
	if err != nil {
		return nil, err
	}
	return decodeJPEG(p)
}

// rawOrientation is what the raw file says. Its previews are stored as the sensor saw them, and where they have EXIF data of their own
// these repeat it, so that they count only where the raw file says nothing.
func rawOrientation(b []byte) int {
	if v, ok := rawfile.Orientation(b); ok {
		return v
	}
	return jpegOrientation(rawfile.Preview(b))
}
