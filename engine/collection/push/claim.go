package push

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"udml-gpu/engine/data/baddata"
)

// setupLock is the key of the lock under which tables are made, so that two first pushes do not meet.
const setupLock = 0x75646d6c

// lockTime is how many milliseconds a statement waits for another connection: a server may take a while to notice that the client of an
// interrupted push is gone. Then it has the error lockNotAvailable.
const lockTime, lockNotAvailable = "5000", "55P03"

// claim locks the table for this connection and makes it, or refuses one that is not this collection's.
func (p *pusher) claim(ctx context.Context) error {
	return within(ctx, func(ctx context.Context) error {
		if _, err := p.conn.Exec(ctx, "SET lock_timeout = "+lockTime); err != nil {
			return err
		}
		_, err := p.conn.Exec(ctx, "SELECT pg_advisory_lock($1, hashtext($2))", setupLock, p.t.String())
		var server *pgconn.PgError
		if errors.As(err, &server) && server.Code == lockNotAvailable {
			return baddata.Errorf("%s: another push is writing the table %s: wait until it is done", p.a.where, p.t)
		}
		if err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, p.conn, func(tx pgx.Tx) error { return p.setUp(ctx, tx) })
	})
}

func (p *pusher) setUp(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", setupLock); err != nil {
		return err
	}
	if err := p.wantVectors(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, p.t.catalogSQL()); err != nil {
		return err
	}
	has, err := p.t.owner(ctx, tx)
	m := &p.c.Manifest
	place, split := valid(m.Source.Place()), valid(m.Source.Split)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p.makeTable(ctx, tx)
	case err != nil:
		return err
	case has.model != m.Model.Hash || has.dim != p.c.Dim():
		return baddata.Errorf("%s: the table %s holds vectors of another model (%.12s, %d dimensions; the collection has %.12s, %d): name "+
			"another --table", p.a.where, p.t, has.model, has.dim, m.Model.Hash, p.c.Dim())
	case !p.o.Replace && (has.data != place || has.split != split):
		return baddata.Errorf("%s: the table %s belongs to another collection, of the split %s of %s: name another --table, or give "+
			"--replace where %s is to take its place", p.a.where, p.t, has.split, has.data, p.c.Path)
	}
	if _, err := tx.Exec(ctx, p.t.createSQL(p.c.Dim())); err != nil { // where someone has dropped it
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET data = $2, split = $3, created_by = $4 WHERE table_name = $1", p.t.in(catalog)),
		p.t.name, place, split, m.WrittenBy)
	return err
}

// wantVectors makes sure that there is pgvector.
func (p *pusher) wantVectors(ctx context.Context, tx pgx.Tx) error {
	var there bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')").Scan(&there)
	if err != nil || there {
		return err
	}
	if _, err := tx.Exec(ctx, "CREATE EXTENSION vector"); err != nil {
		return baddata.Errorf("%s has no pgvector, and it cannot be added (%s): its administrator can, with CREATE EXTENSION vector",
			p.a.where, p.a.reason(err))
	}
	return nil
}

// makeTable makes the table and its line in the catalog.
func (p *pusher) makeTable(ctx context.Context, tx pgx.Tx) error {
	var there bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", p.t.quoted()).Scan(&there); err != nil {
		return err
	}
	if there {
		return baddata.Errorf("%s: the table %s was not made by push: name another --table", p.a.where, p.t)
	}
	if _, err := tx.Exec(ctx, p.t.createSQL(p.c.Dim())); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		p.t.in(catalog), catalogColumns), p.t.catalogValues(p.c)...)
	return err
}

// querier is a connection or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// owner is the collection that a table belongs to: the network of its vectors, and the split of the data set that they are of. The
// place of the data tells collections of one model apart, which may share images.
type owner struct {
	model       string
	dim         int
	data, split string
}

// owner is what the catalog says of the table; pgx.ErrNoRows: it is not there.
func (t table) owner(ctx context.Context, q querier) (o owner, err error) {
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT model, dimensions, data, split FROM %s WHERE table_name = $1", t.in(catalog)), t.name).
		Scan(&o.model, &o.dim, &o.data, &o.split)
	return o, err
}
