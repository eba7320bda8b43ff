package collection

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

// past is the present generation as its writer reads it: in order, a block at a time, so that memory does not grow with the number of
// images. It maps nothing: mapped pages would count as memory too.
type past struct {
	path  string
	name  string // of the file of items
	items *os.File
	table *parquet.File
	rows  *os.File
	n     int
}

// openPast opens the generation of the manifest. Errors are those of Open.
func openPast(path string, m *Manifest) (p *past, err error) {
	p = &past{path: path, name: m.Items.Name, n: m.Images}
	if p.items, p.table, err = openItems(path, m); err != nil {
		return nil, err
	}
	if p.rows, err = openRows(path, m.Vectors); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// each goes through the items, with their rows. An item is valid until the next.
func (p *past) each(f func(row int, it *Item)) error {
	c := p.cursor()
	defer c.close()
	for i := range p.n {
		it, err := c.item(i)
		if err != nil {
			return err
		}
		f(i, it)
	}
	return nil
}

func (p *past) close() {
	_ = p.items.Close()
	if p.rows != nil {
		_ = p.rows.Close()
	}
}

// cursor reads items of ascending rows.
func (p *past) cursor() *cursor { return &cursor{past: p, groups: p.table.RowGroups()} }

type cursor struct {
	past   *past
	groups []parquet.RowGroup // that are not yet begun
	part   *groupReader
	at     int // rows that were read
	it     Item
	path   string // of the item before
}

// item is that of a row, which must not be before one that was asked for. It is valid until the next call.
func (c *cursor) item(row int) (*Item, error) {
	if row < c.at-1 {
		return nil, fmt.Errorf("row %d is wanted after row %d", row, c.at-1)
	}
	for c.at <= row {
		if err := c.next(); err != nil {
			return nil, damagedItems(c.past.path, c.past.name, err)
		}
	}
	return &c.it, nil
}

// next reads and checks an item.
func (c *cursor) next() error {
	for c.part == nil || c.part.left == 0 {
		if c.close(); len(c.groups) == 0 {
			return errors.New("it ends before its last row")
		}
		c.part, c.groups = newGroupReader(c.groups[0]), c.groups[1:]
	}
	r, err := c.part.next()
	if err != nil {
		return err
	}
	c.it = r.item()
	err = c.it.check(c.at, c.path)
	c.path = c.it.Path
	c.at++
	return err
}

func (c *cursor) close() {
	if c.part != nil {
		c.part.close()
		c.part = nil
	}
}

// groupReader reads the rows of a part of a file of items.
type groupReader struct {
	from  parquet.RowGroup
	r     *parquet.GenericReader[row]
	left  int // rows that are still to come
	block []row
	ready []row // of block, not yet given
}

func newGroupReader(g parquet.RowGroup) *groupReader {
	return &groupReader{from: g, left: int(g.NumRows())}
}

// next is the next of the left rows, valid until the next call.
func (g *groupReader) next() (*row, error) {
	if len(g.ready) == 0 {
		if err := g.fill(); err != nil {
			return nil, err
		}
	}
	r := &g.ready[0]
	g.ready, g.left = g.ready[1:], g.left-1
	return r, nil
}

// fill reads a block. The Parquet reader may panic on damaged bytes.
func (g *groupReader) fill() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = notParquet(p)
		}
	}()
	if g.r == nil {
		g.r, g.block = parquet.NewGenericRowGroupReader[row](g.from), make([]row, min(g.left, groupBlock))
	}
	n, err := g.r.Read(g.block)
	switch g.ready = g.block[:n]; {
	case n > 0:
		return nil
	case err == nil || err == io.EOF:
		return fmt.Errorf("a part ends %d rows too early", g.left)
	}
	return err
}

func (g *groupReader) close() {
	if g.r != nil {
		_ = g.r.Close()
	}
}
