package method

import (
	"errors"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// pools are the positives and negatives that were mined for each image. They lie on the host, in tensors that a checkpoint holds: the
// numbers of images from 1, with 0 where a pool ends, as float32, which has whole numbers up to 2^24.
type pools struct {
	images, size               int // of each pool at most
	positive, weight, negative []float32
	params                     []*tape.Param
}

// poolSize is how many positives, and how many negatives, of an image are kept at most (the authors' program).
const poolSize = 50

// newPools are empty ones for so many images.
func newPools(images int) *pools {
	p, dev := &pools{images: images, size: min(poolSize, images)}, kernels.CPU()
	array := func(name string) []float32 {
		a := dev.New(kernels.Float32, images, p.size)
		p.params = append(p.params, &tape.Param{Name: "mined." + name, Value: a})
		return kernels.Data[float32](a)
	}
	p.positive, p.weight, p.negative = array("positives"), array("weights"), array("negatives")
	return p
}

func (p *pools) clear() {
	clear(p.positive)
	clear(p.weight)
	clear(p.negative)
}

// members are the images of a pool.
func (p *pools) members(pool []float32, image int) []int32 {
	var list []int32
	for _, v := range pool[image*p.size : (image+1)*p.size] {
		if v == 0 {
			break
		}
		list = append(list, int32(v)-1)
	}
	return list
}

// anchors are the images that have positives and negatives, in order.
func (p *pools) anchors() (list []int32) {
	for i := range p.images {
		if p.positive[i*p.size] != 0 && p.negative[i*p.size] != 0 {
			list = append(list, int32(i))
		}
	}
	return list
}

// check is an error where a number is not that of an image, or a weight none that mining gives.
func (p *pools) check() error {
	for _, pool := range [][]float32{p.positive, p.negative} {
		for _, v := range pool {
			if !(v >= 0 && v <= float32(p.images)) || v != float32(int32(v)) {
				return errors.New("a mined number is not that of an image of the run")
			}
		}
	}
	for _, w := range p.weight {
		if !(w >= 0 && w <= mostWeight) {
			return errors.New("a mined weight is out of range")
		}
	}
	return nil
}
