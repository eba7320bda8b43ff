package onednn

import (
	"errors"
	"sync"
)

// Cache keeps what the library made for each shape, because to make it takes up to milliseconds.
type Cache[K comparable, V any] struct {
	Most int // the number kept; then all are forgotten and made again

	lock sync.RWMutex
	made map[K]*V // nil where the library has no fast code
}

// Of is what was made for the key, or what create makes now; nil where the library has no fast code. Any other error panics: other
// code in its place would give other bytes.
func (c *Cache[K, V]) Of(key K, create func() (*V, error)) *V {
	c.lock.RLock()
	v, known := c.made[key]
	c.lock.RUnlock()
	if known {
		return v
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if v, known = c.made[key]; known {
		return v
	}
	v, err := create()
	if err != nil && !errors.Is(err, ErrNotSupported) {
		panic(err)
	}
	if c.made == nil || len(c.made) >= c.Most {
		c.made = map[K]*V{}
	}
	c.made[key] = v
	return v
}
