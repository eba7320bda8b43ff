package cache

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"

	"udml-gpu/engine/data"
)

// Stream decodes the images of a set once, in their order, for a single pass over them: it holds a bounded number of decoded images,
// however many there are.
type Stream struct {
	o     Options
	slots []slot
	unreadable
	err error
}

// slot holds a decoded image until it is taken.
type slot struct {
	pix  []uint8
	err  error
	full chan struct{} // holds one token while the image, or the error, waits to be taken
}

// NewStream is a stream of the set with at most ahead decoded images, at least 1, that wait to be taken. Of o, RAM, Dir and Keep
// mean nothing to it.
func NewStream(set *data.Set, o Options, ahead int) (*Stream, error) {
	if err := o.check(set); err != nil {
		return nil, err
	}
	s := &Stream{o: o, unreadable: unreadableOf(set, o), slots: make([]slot, min(ahead, len(set.Items)))}
	for i := range s.slots {
		s.slots[i] = slot{pix: make([]uint8, o.imageBytes()), full: make(chan struct{}, 1)}
	}
	return s, nil
}

// All gives each image that can be read: its position in the set, and its pixels uint8 [size,size,channels], which are valid until
// the next is asked for. It ends early with ctx, or when more images cannot be read than Options.MaxBad allows: Err tells. It
// is to be called once.
func (s *Stream) All(ctx context.Context) iter.Seq2[int, []uint8] {
	return func(yield func(int, []uint8) bool) {
		working, stop := context.WithCancel(ctx)
		var wait sync.WaitGroup
		defer wait.Wait()
		defer stop()
		room := make(chan struct{}, len(s.slots)) // a token for each slot that is in use
		var next atomic.Int64
		for range s.o.workers(len(s.set.Items)) {
			wait.Go(func() { s.work(working, room, &next) })
		}
		whole := s.take(ctx, room, yield)
		switch {
		case ctx.Err() != nil:
			s.err = ctx.Err()
		case whole:
			s.err = s.verdict()
		}
	}
}

// verdict is nil where the stream is worth something: the images that were skipped are then named.
func (s *Stream) verdict() error {
	if err := s.tooMany(); err != nil || s.o.Warn == nil {
		return err
	}
	for _, skip := range s.skipped() {
		s.o.Warn(skip.Name, skip.Err)
	}
	return nil
}

// take hands on one image after the other. whole says that it came to the end, or to more bad images than may be.
func (s *Stream) take(ctx context.Context, room chan struct{}, yield func(int, []uint8) bool) (whole bool) {
	for i := range s.set.Items {
		at := &s.slots[i%len(s.slots)]
		select {
		case <-at.full:
		case <-ctx.Done():
			return false
		}
		if at.err != nil {
			s.bad = append(s.bad, badImage{i, at.err})
			if len(s.bad) > s.maxBad {
				return true
			}
		} else if !yield(i, at.pix) {
			return false
		}
		<-room
		if s.o.Progress != nil {
			s.o.Progress(i+1, len(s.set.Items))
		}
	}
	return true
}

// work decodes images into free slots. Slots are freed in the order of the images and next counts in it, so that the slot of the
// image that a token is taken for is free.
func (s *Stream) work(ctx context.Context, room chan struct{}, next *atomic.Int64) {
	d := newDecoder(s.set, s.o)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		i := int(next.Add(1) - 1)
		if i >= len(s.set.Items) || ctx.Err() != nil {
			return
		}
		at := &s.slots[i%len(s.slots)]
		at.err = d.decode(i, at.pix)
		at.full <- struct{}{}
	}
}

// Err is why All ended early, or an *Error where none of the images can be read; nil where the loop over it was left.
func (s *Stream) Err() error { return s.err }

// Skipped are the images so far that could not be read, in the order of the set.
func (s *Stream) Skipped() []data.Skip { return s.skipped() }
