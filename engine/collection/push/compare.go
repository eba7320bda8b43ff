package push

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
)

// plan is what makes the table equal to the collection.
type plan struct {
	send      []int    // items that are new or have changed
	gone      []string // paths in the table that the collection lacks
	unchanged int
}

// compare reads the table's paths and hashes beside the collection's items, both in byte order of their paths.
func (p *pusher) compare(ctx context.Context) (*plan, error) {
	live := p.c.Live()
	slices.SortFunc(live, func(a, b int) int { // they are in this order already, but for names that are not UTF-8
		return strings.Compare(valid(p.c.Items[a].Path), valid(p.c.Items[b].Path))
	})
	rows, err := p.conn.Query(ctx, fmt.Sprintf(`SELECT path, id, row_hash FROM %s ORDER BY path`, p.t.quoted()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	m := &merge{p: p, live: live}
	var path, id, hash string
	if _, err := pgx.ForEachRow(rows, []any{&path, &id, &hash}, func() error { m.row(path, id, hash); return nil }); err != nil {
		return nil, err
	}
	m.send = append(m.send, m.live...)
	if m.rows > 0 && !m.shares && !p.o.Replace {
		return nil, baddata.Errorf("%s: the table %s holds %d other images and none of %s: name another --table, or give --replace to "+
			"have them replaced", p.a.where, p.t, m.rows, p.c.Path)
	}
	return &m.plan, nil
}

// merge walks over the table's rows and the items.
type merge struct {
	plan
	p      *pusher
	live   []int // that are not reached yet
	rows   int
	shares bool // a row has the path and the content of an item
}

// row takes the next row of the table.
func (m *merge) row(path, id, hash string) {
	m.rows++
	for len(m.live) > 0 && valid(m.p.c.Items[m.live[0]].Path) < path {
		m.send, m.live = append(m.send, m.live[0]), m.live[1:]
	}
	if len(m.live) == 0 || valid(m.p.c.Items[m.live[0]].Path) != path {
		m.gone = append(m.gone, strings.Clone(path))
		return
	}
	i := m.live[0]
	m.live = m.live[1:]
	if m.p.c.Items[i].ID() == id {
		m.shares = true
	}
	if rowHash(m.p.c, i) == hash {
		m.unchanged++
	} else {
		m.send = append(m.send, i)
	}
}

// rowHash tells two states of an item apart: a hash of what is in its row. Half of SHA-256, in hex.
func rowHash(c *collection.Collection, i int) string {
	it := &c.Items[i]
	h := sha256.New()
	for _, field := range []string{it.SHA256, valid(it.Label), valid(it.Split)} {
		fmt.Fprintf(h, "%d:%s", len(field), field)
	}
	h.Write(bigEndian(nil, c.Row(i)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// valid is s as a text that PostgreSQL takes: bytes that are not UTF-8, and zeros, as \xNN.
func valid(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || r == 0 {
			fmt.Fprintf(&b, `\x%02x`, s[0])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}
