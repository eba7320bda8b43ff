// Package push keeps a table of PostgreSQL with the pgvector extension equal to a collection, and searches in it.
package push

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
)

// ErrStopped is the error of work that ended by a signal; the rows that were sent are kept.
var ErrStopped = errors.New("stopped")

// Options are what a user may choose.
type Options struct {
	Table    string                // "": named as the collection
	Replace  bool                  // takes the table of another collection of the same model
	Progress func(done, total int) // rows sent; may be nil
}

// Result is what Run did.
type Result struct {
	Collection string `json:"collection"`
	Database   string `json:"database"` // without the password
	Table      string `json:"table"`
	Rows       int    `json:"rows"` // in the table now
	Dimensions int    `json:"dimensions"`
	Sent       int    `json:"sent"` // new or changed rows
	Unchanged  int    `json:"unchanged"`
	Removed    int    `json:"removed"`
	Index      string `json:"index"`              // hnsw; hnsw halfvec, of the values in half precision; or ""
	NoIndex    string `json:"no_index,omitempty"` // why there is none
}

// Run makes the table's rows those of the collection's images: it compares, sends what is new or has changed in transactions of some
// megabytes, deletes what the collection lacks, and builds an HNSW index for the cosine. Interrupted anywhere it goes on, when it is
// called again, with the rows that are not there yet. Errors are *setting.UsageError for the URL and the table's name, *baddata.Error
// for the collection, and for a database that cannot be reached, refuses or fails.
func Run(ctx context.Context, path, url string, o Options) (*Result, error) {
	a, err := parseAddress(url)
	if err != nil {
		return nil, err
	}
	t, err := nameTable(o.Table, path)
	if err != nil {
		return nil, err
	}
	c, err := collection.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if c.Dim() > maxDimensions {
		return nil, baddata.Errorf("%s has %d dimensions: pgvector takes at most %d", path, c.Dim(), maxDimensions)
	}
	p := &pusher{c: c, t: t, a: a, o: o}
	p.r = &Result{Collection: rawname.Text(path), Database: a.where, Table: t.String(), Dimensions: c.Dim()}
	if p.conn, err = a.connect(ctx); err != nil {
		return nil, p.failed(ctx, err)
	}
	defer a.close(p.conn)
	if err := p.push(ctx); err != nil {
		return nil, p.failed(ctx, err)
	}
	return p.r, nil
}

// pusher is one call of Run.
type pusher struct {
	c    *collection.Collection
	t    table
	a    *address
	o    Options
	r    *Result
	conn *pgx.Conn

	planned int // rows to send
}

func (p *pusher) push(ctx context.Context) error {
	if err := p.claim(ctx); err != nil {
		return err
	}
	plan, err := p.compare(ctx)
	if err != nil {
		return err
	}
	p.planned, p.r.Unchanged = len(plan.send), plan.unchanged
	if err := p.send(ctx, plan.send); err != nil {
		return err
	}
	if err := p.remove(ctx, plan.gone); err != nil {
		return err
	}
	p.r.Rows = p.r.Sent + p.r.Unchanged
	return p.index(ctx)
}

// failed is the error for the user: what happened, and what is kept.
func (p *pusher) failed(ctx context.Context, err error) error {
	var bad *baddata.Error
	kept := ""
	if p.planned > 0 {
		kept = fmt.Sprintf("; %d of %d rows are sent and kept: the same command goes on", p.r.Sent, p.planned)
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w%s", ErrStopped, kept)
	case errors.As(err, &bad):
		return err
	case p.conn != nil && p.conn.IsClosed():
		return baddata.Errorf("%s: the connection was lost: %s%s", p.a.where, p.a.reason(err), kept)
	}
	return baddata.Errorf("%s: %s%s", p.a.where, p.a.reason(err), kept)
}
