package serve

import (
	"context"
	"errors"
	"image"
	"math"
	"net/http"
	"sync"

	"udml-gpu/engine/collection/search"
)

// Network embeds images as those of the collection were: *inference.Embedder.
type Network interface {
	Decode(content []byte) (image.Image, error)
	Images(list []image.Image) ([]float32, error)
	Close()
}

// maxBatch bounds the images of one pass. Passes have 1, 2, 4, 8 or 16 images, so that few programs are recorded.
const maxBatch = 16

// batcher embeds images that arrive together in one pass of the network, which it opens for the first one.
type batcher struct {
	open func() (Network, error)
	jobs chan *job
	quit chan struct{} // closed by close
	done chan struct{} // closed when nothing is embedded any more

	once sync.Once
	net  Network
	err  error
}

var errEnding = failf(http.StatusServiceUnavailable, "the server ends")

// job is an image that is to be embedded.
type job struct {
	image  image.Image
	vector []float32
	err    error
	ready  chan struct{}
}

func newBatcher(open func() (Network, error)) *batcher {
	b := &batcher{open: open, jobs: make(chan *job, 4*maxBatch), quit: make(chan struct{}), done: make(chan struct{})}
	go b.run()
	return b
}

// network opens the network.
func (b *batcher) network() (Network, error) {
	b.once.Do(func() { b.net, b.err = b.open() })
	return b.net, b.err
}

// embed is the unit vector of the image whose file has that content.
func (b *batcher) embed(ctx context.Context, content []byte) ([]float32, error) {
	net, err := b.network()
	if err != nil {
		return nil, err
	}
	im, err := net.Decode(content)
	if err != nil {
		return nil, unreadable(err)
	}
	j := &job{image: im, ready: make(chan struct{})}
	select {
	case b.jobs <- j:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.quit:
		return nil, errEnding
	}
	select {
	case <-j.ready:
		return j.vector, j.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.done:
		return nil, errEnding
	}
}

// unreadable is the failure of an image that does not decode.
func unreadable(err error) error {
	if f := asFailure(err); f.status == http.StatusRequestEntityTooLarge {
		return f
	}
	return failf(http.StatusBadRequest, "the image cannot be read: %v", err)
}

func (b *batcher) run() {
	defer close(b.done)
	for {
		var list []*job
		select {
		case j := <-b.jobs:
			list = append(list, j)
		case <-b.quit:
			return
		}
		for len(list) < maxBatch {
			more, ok := b.next()
			if !ok {
				break
			}
			list = append(list, more)
		}
		for n := maxBatch; n > 0; n /= 2 {
			for ; len(list) >= n; list = list[n:] {
				b.pass(list[:n])
			}
		}
	}
}

// next is a job that waits already.
func (b *batcher) next() (*job, bool) {
	select {
	case j := <-b.jobs:
		return j, true
	default:
		return nil, false
	}
}

// pass embeds the images of jobs.
func (b *batcher) pass(list []*job) {
	images := make([]image.Image, len(list))
	for n, j := range list {
		images[n] = j.image
	}
	vectors, err := b.net.Images(images)
	for n, j := range list {
		if j.err = err; err == nil {
			j.vector, j.err = unit(vectors[n*len(vectors)/len(list) : (n+1)*len(vectors)/len(list)])
		}
		close(j.ready)
	}
}

// unit is the vector at length 1.
func unit(v []float32) ([]float32, error) {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil, errors.New("the network gives no finite vector for the image")
		}
	}
	u := search.Sum([]search.Example{{Vector: v, Weight: 1}})
	if u == nil {
		return nil, failf(http.StatusBadRequest, "the vector of the image is zero, which is like nothing")
	}
	return u, nil
}

// close ends the batcher after the pass that runs. Requests that were cut off may still wait: they fail.
func (b *batcher) close() {
	close(b.quit)
	<-b.done
	if b.net != nil {
		b.net.Close()
	}
}
