package cache

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
)

// Stream decodes the images of a set once, in order, for a single pass over them. It holds a bounded number of decoded images,
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
	full chan struct{} // holds a token while the image or the error waits to be taken
}

// NewStream is a stream of the set with at most ahead (at least 1) decoded images waiting to be taken. It ignores RAM, Dir and Keep
// of o.
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

// All yields each image that can be read: its position in the set, and its pixels uint8 [size,size,channels], which are valid until
// the next iteration. It ends early with ctx, or when more images cannot be read than Options.MaxBad allows: see Err. It
// must be called only once.
func (s *Stream) All(ctx context.Context) iter.Seq2[int, []uint8] {
	return func(yield func(int, []uint8) bool) {
		working, stop := context.WithCancel(ctx)
		defer context.AfterFunc(ctx, func() { archive.Interrupt(s.set.Files) })()
		var wait sync.WaitGroup
		defer wait.Wait()
		defer stop()
		room := make(chan struct{}, len(s.slots)) // a token for each slot in use
		var next atomic.Int64
		for range s.o.workers(len(s.set.Items)) {
			wait.Go(func() { s.work(working, room, &next) })
		}
		whole := s.take(ctx, room, yield)
		switch {
		case ctx.Err() != nil:
			s.err = ctx.Err()
		case whole:
			s.err = s.failure()
		}
	}
}

// failure is the error of a stream with too many bad images. Otherwise it reports the skipped ones to Options.Warn.
func (s *Stream) failure() error {
	if err := s.tooMany(); err != nil || s.o.Warn == nil {
		return err
	}
	for _, skip := range s.skipped() {
		s.o.Warn(skip.Name, skip.Err)
	}
	return nil
}

// take yields the images in order. whole tells whether it reached the end, or more bad images than allowed.
func (s *Stream) take(ctx context.Context, room chan struct{}, yield func(int, []uint8) bool) (whole bool) {
	for i := range s.set.Items {
		at := &s.slots[i%len(s.slots)]
		select {
		case <-at.full:
		case <-ctx.Done():
			return false
		}
		if s.err = Lost(at.err); s.err != nil {
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

// work decodes images into free slots. Slots are freed in the order of the images, and next counts in the same order, so that a worker
// with a token finds the slot of its image free.
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

// Err is the reason why All ended early, or an *Error where no image can be read; nil where the caller left the loop.
func (s *Stream) Err() error { return s.err }

// Skipped are the images that could not be read so far, in the order of the set.
func (s *Stream) Skipped() []data.Skip { return s.skipped() }
