package bench

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"

	"udml-gpu/kernels"
	"udml-gpu/kernels/resize"
)

// Photos are madePhotos pictures, each under photoNames names: four batches of embedding, so that decoding runs beside the network.
const madePhotos, photoNames = 16, 16

const photoWidth, photoHeight, photoQuality = 500, 375, 90

// writePhotos writes JPEG files into dir, the same at each call.
func writePhotos(dir string) error {
	for i := range madePhotos {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, photo(uint64(i)), &jpeg.Options{Quality: photoQuality}); err != nil {
			return err
		}
		for k := range photoNames {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d-%02d.jpg", k, i)), file.Bytes(), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// contrast is the range of the brightness of each layer of a photo.
const contrast = 44

// photo is a picture that compresses as photos of its size do: layers of noise, each half as coarse as the one before and as strong,
// since the power of natural images falls with the square of the frequency (Field 1987).
func photo(seed uint64) image.Image {
	dev := kernels.CPU()
	layer := dev.New(kernels.Float32, 1, photoHeight, photoWidth, 3)
	defer layer.Free()
	sum := make([]float32, layer.Len())
	for cell := 128; cell >= 1; cell /= 2 {
		coarse := dev.New(kernels.Float32, 1, photoHeight/cell+1, photoWidth/cell+1, 3)
		noise(coarse, seed<<8+uint64(cell))
		resize.Bilinear(layer, coarse)
		coarse.Free()
		for i, v := range kernels.Data[float32](layer) {
			sum[i] += contrast * (v - 0.5)
		}
	}
	im := image.NewNRGBA(image.Rect(0, 0, photoWidth, photoHeight))
	for i := range photoWidth * photoHeight {
		for k := range 3 {
			im.Pix[4*i+k] = uint8(min(max(128+sum[3*i+k], 0), 255))
		}
		im.Pix[4*i+3] = 255
	}
	return im
}
