package convert

import (
	"runtime"
	"sync"

	"udml-gpu/engine/collection/pictures"
)

// openPictures opens the images where pictures are wanted.
func (j *job) openPictures() (err error) {
	if j.o.Thumbnails {
		j.pics, err = pictures.Open(j.c)
	}
	return err
}

func (j *job) closePictures() {
	if j.pics != nil {
		_ = j.pics.Close() // they were only read
	}
}

// inParallel calls do with each number below n, on all cores.
func inParallel(n int, do func(k int)) {
	var wg sync.WaitGroup
	next := make(chan int, n)
	for k := range n {
		next <- k
	}
	close(next)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for k := range next {
				do(k)
			}
		})
	}
	wg.Wait()
}

// thumbnails are JPEG files of the items; nil for one that cannot be read any more, which is counted.
func (j *job) thumbnails(items []int) [][]byte {
	list := make([][]byte, len(items))
	inParallel(len(items), func(k int) {
		if b, err := j.pics.JPEG(items[k], j.o.Side); err == nil {
			list[k] = b
		}
	})
	for _, b := range list {
		if b == nil {
			j.r.Unreadable++
		}
	}
	return list
}
