// Package push keeps a table of PostgreSQL with the pgvector extension equal to a collection, and searches in it.
package push

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
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
	Index      string `json:"index"` // hnsw, or "" where the vectors are too long for it
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
	p := &pusher{c: c, t: t, a: a, o: o, r: &Result{Collection: path, Database: a.where, Table: t.String(), Dimensions: c.Dim()}}
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

// index builds the index where there is none. It may take minutes, and has no time limit.
func (p *pusher) index(ctx context.Context) error {
	if p.c.Dim() > maxIndexed {
		return nil
	}
	p.r.Index = "hnsw"
	if err := p.giveMemory(ctx); err != nil {
		return err
	}
	_, err := p.conn.Exec(ctx, p.t.indexSQL())
	return err
}

// mostIndexMemory bounds what a build may use of the server's memory, in KiB.
const mostIndexMemory = 1 << 20

// giveMemory raises maintenance_work_mem of this connection to what the graph needs, with some more: a build that does not fit into it
// takes many times as long. A row has its vector and, with m = 16, about 32 neighbours of 8 bytes at the lowest level.
func (p *pusher) giveMemory(ctx context.Context) error {
	const neighbours, heads = 32 * 8, 200
	need := min(mostIndexMemory, p.r.Rows/1000*(4*p.c.Dim()+neighbours+heads)*5/4)
	_, err := p.conn.Exec(ctx, "SELECT set_config('maintenance_work_mem', $1::int || 'kB', false) "+
		"WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < $1::bigint * 1024", need)
	return err
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
