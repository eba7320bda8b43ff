package inference

import (
	"image"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
)

// File is the vector [D] of the image whose file has that content, in any format that data sets may have. The error says what is wrong
// with it, or that the vector is not finite.
func (e *Embedder) File(content []byte) ([]float32, error) {
	im, err := e.Decode(content)
	if err != nil {
		return nil, err
	}
	return e.decoded(im)
}

// Image is File for an image that is decoded already and stands upright. It is not changed.
func (e *Embedder) Image(im image.Image) ([]float32, error) {
	maxPixels, err := e.request.Config.PixelLimit()
	if err != nil {
		return nil, err
	}
	if im, err = picture.Of(im, maxPixels); err != nil {
		return nil, err
	}
	return e.decoded(im)
}

// decoded is the vector of an image of package picture.
func (e *Embedder) decoded(im image.Image) ([]float32, error) {
	vector, err := e.Images([]image.Image{im})
	if err == nil && !allFinite(vector) {
		err = e.request.Explain(&network.NotFinite{Bad: 1, Of: 1, First: "the one that was given"})
	}
	return vector, err
}

// Decode is an image as Images takes it, from the content of its file. Errors are as for File; *picture.TooManyPixels is one.
func (e *Embedder) Decode(content []byte) (image.Image, error) {
	maxPixels, err := e.request.Config.PixelLimit()
	if err != nil {
		return nil, err
	}
	return picture.Decode(content, maxPixels)
}

// Images are the vectors [N,D] of images of Decode, from one pass of the network: each is what File gives. Some may not be finite.
func (e *Embedder) Images(list []image.Image) ([]float32, error) {
	c := e.request.Config
	target := picture.Target{Size: c.Resize, Channels: c.Channels, ResizeMode: c.ResizeMode, Interpolation: c.Interpolation}
	pix := make([][]uint8, len(list))
	for i, im := range list {
		pix[i] = make([]uint8, c.Resize*c.Resize*c.Channels)
		picture.NewResizer(target).To(pix[i], im)
	}
	return e.forward(e.request.Layer, len(list), func(dst *kernels.Array) {
		cache.CentreCrops(dst, c.Resize, c.Invert, func(i int) []uint8 { return pix[i] })
	})
}
