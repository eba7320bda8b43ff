package loader

import "udml-gpu/kernels"

// Batch is a step's input. It is valid until the next iteration.
type Batch struct {
	Samples []int32 // [B] position in the cache of the image that each row's first view shows
	Second  []int32 // [B] of the image that its other views show: the same one, unless a plan says otherwise
	Labels  []int32 // [B] class of the first, -1 when unknown, or the label that a plan gives the row
	// Images are the views on the CPU, one array [V B,S,S,C] float32 in [0,1] for each group of consecutive views of one size:
	// row v B + i is view v of the group, of row i. With Options.Own it is so in each of its ranges, one after another. Nil on a GPU,
	// where Fill makes the views.
	Images []*kernels.Array
	rows   []row // of Images
	upload *upload
}

// Fill writes the batch to a step's inputs on the loader's device: images in the form of Images, samples [V B] int32 of all views,
// labels [B] int32.
func (b *Batch) Fill(images []*kernels.Array, samples, labels *kernels.Array) {
	if b.upload != nil {
		b.upload.fill(images, samples, labels)
		return
	}
	for i, a := range b.Images {
		images[i].CopyFrom(a)
	}
	n := len(b.Samples)
	kernels.Write(samples.Rows(0, n), b.Samples)
	for lo := n; lo < samples.Dim(0); lo += n {
		kernels.Write(samples.Rows(lo, lo+n), b.Second)
	}
	kernels.Write(labels, b.Labels)
}

// Shown is the image in the cache that a row of all views shows.
func (b *Batch) Shown(row int) int {
	if n := len(b.Samples); row >= n {
		return int(b.Second[row%n])
	}
	return int(b.Samples[row])
}
