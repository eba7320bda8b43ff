package cache

import "image"

// Image is image i as *image.Gray or *image.RGBA, for code that draws; of one channel it shares the cache's memory and must not be written.
func (c *Cache) Image(i int) image.Image {
	frame, pix := image.Rect(0, 0, c.size, c.size), c.Pixels(i)
	if c.channels == 1 {
		return &image.Gray{Pix: pix, Stride: c.size, Rect: frame}
	}
	im := image.NewRGBA(frame)
	for p := range c.size * c.size {
		copy(im.Pix[4*p:4*p+3], pix[3*p:3*p+3])
		im.Pix[4*p+3] = 255
	}
	return im
}
