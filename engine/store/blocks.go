package store

import (
	"container/list"
	"context"
	"io"
	"sync"
)

// A Blocks asks the store for blockBytes at a time and holds the last keptBlocks of all objects: entries of an archive that are read
// in its order cost one request for many.
const (
	blockBytes = 256 << 10
	keptBlocks = 128
)

// Blocks is an object as io.ReaderAt, which may be used from several goroutines at once.
type Blocks struct {
	c   *Client
	ctx context.Context //nolint:containedctx // an io.ReaderAt has no other
	o   Object
}

// Blocks is the object for reading at any place.
func (c *Client) Blocks(ctx context.Context, o Object) *Blocks { return &Blocks{c, ctx, o} }

// ReadAt is io.ReaderAt. What is as long as a block is asked for as a whole.
func (b *Blocks) ReadAt(p []byte, at int64) (n int, err error) {
	if at < 0 || at >= b.o.Size {
		return 0, io.EOF
	}
	short := int64(len(p)) > b.o.Size-at
	if short {
		p = p[:b.o.Size-at]
	}
	if len(p) >= blockBytes {
		if err := b.c.ReadAt(b.ctx, b.o, p, at); err != nil {
			return 0, err
		}
		n = len(p)
	}
	for n < len(p) {
		block, err := b.block((at + int64(n)) / blockBytes)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], block[(at+int64(n))%blockBytes:])
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}

// block is a block of the object, from memory or the store.
func (b *Blocks) block(number int64) ([]byte, error) {
	e := kept.entry(blockKey{b.c, b.o.Place, b.o.ETag, number})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.data != nil {
		return e.data, nil
	}
	data := make([]byte, min(blockBytes, b.o.Size-number*blockBytes))
	if err := b.c.ReadAt(b.ctx, b.o, data, number*blockBytes); err != nil {
		return nil, err
	}
	e.data = data
	return data, nil
}

type blockKey struct {
	c      *Client
	at     Place
	etag   string
	number int64
}

// blockEntry is a block that is there or is being read.
type blockEntry struct {
	key  blockKey
	mu   sync.Mutex
	data []byte
}

// blockCache holds the blocks that were used last.
type blockCache struct {
	mu    sync.Mutex
	at    map[blockKey]*list.Element
	order list.List
}

var kept blockCache

// entry is the block's place, which it makes where there is none.
func (c *blockCache) entry(key blockKey) *blockEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.at[key]; at != nil {
		c.order.MoveToFront(at)
		return at.Value.(*blockEntry)
	}
	if c.at == nil {
		c.at = map[blockKey]*list.Element{}
	}
	e := &blockEntry{key: key}
	c.at[key] = c.order.PushFront(e)
	if c.order.Len() > keptBlocks {
		last := c.order.Back()
		delete(c.at, c.order.Remove(last).(*blockEntry).key)
	}
	return e
}
