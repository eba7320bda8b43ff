package push

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"udml-gpu/engine/data/baddata"
)

// Match is an image that was found.
type Match struct {
	Path  string
	ID    string  // content id, as in a collection
	Score float64 // cosine with the query, -1 to 1
}

// Filter says which rows are looked at; the zero Filter is all of them.
type Filter struct {
	Model string // hash of the network that the query comes from: a table of another one is refused; "": not checked
	Label string // "": any
	Split string // "": any
}

// Search finds the k rows of the table in the database whose vectors have the largest cosine with the vector [D], the largest first, ties
// by path. tableName is that of Options.Table; where it is empty, the table is named after the collection at path. The HNSW index may
// miss some; rows that a filter leaves out do not count. Errors are as for Run.
func Search(ctx context.Context, url, tableName, path string, vector []float32, k int, f Filter) ([]Match, error) {
	a, err := parseAddress(url)
	if err != nil {
		return nil, err
	}
	t, err := nameTable(tableName, path)
	if err != nil {
		return nil, err
	}
	conn, err := a.connect(ctx)
	if err != nil {
		return nil, baddata.Errorf("%s: %s", a.where, a.reason(err))
	}
	defer a.close(conn)
	var found []Match
	err = within(ctx, func(ctx context.Context) error {
		return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
			if err := a.fits(ctx, tx, t, len(vector), f.Model); err != nil {
				return err
			}
			found, err = t.nearest(ctx, tx, vector, k, f)
			return err
		})
	})
	var bad *baddata.Error
	if err != nil && !errors.As(err, &bad) {
		return nil, baddata.Errorf("%s: %s", a.where, a.reason(err))
	}
	return found, err
}

// fits refuses a table of another network.
func (a *address) fits(ctx context.Context, tx pgx.Tx, t table, dim int, model string) error {
	var there bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", t.in(catalog)).Scan(&there); err != nil {
		return err
	}
	err := pgx.ErrNoRows
	var has owner
	if there {
		has, err = t.owner(ctx, tx)
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return baddata.Errorf("%s has no table %s of a collection: udml-gpu push makes one", a.where, t)
	case err != nil:
		return err
	case model != "" && has.model != model || has.dim != dim:
		return baddata.Errorf("%s: the table %s holds vectors of another model than the query's (%.12s, %d dimensions)",
			a.where, t, has.model, has.dim)
	}
	return nil
}

// nearest asks for the rows. Where the index is of values in half precision, it gives the rows that are compared exactly. The index is
// told to look at enough of them, and at more where a filter leaves some out; these settings are there once pgvector is loaded, and the
// second comes with its version 0.8.
func (t table) nearest(ctx context.Context, tx pgx.Tx, vector []float32, k int, f Filter) ([]Match, error) {
	const leastSeen, mostSeen = 100, 1000
	seen := max(leastSeen, 2*k)
	for _, sql := range []string{
		"SELECT '[1]'::vector",
		"SELECT set_config(name, CASE name WHEN 'hnsw.ef_search' THEN '" + strconv.Itoa(min(mostSeen, seen)) +
			"' ELSE 'strict_order' END, true) FROM pg_settings WHERE name IN ('hnsw.ef_search', 'hnsw.iterative_scan')",
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	args := []any{vectorText(vector), k}
	from := t.quoted() + " WHERE true"
	for _, c := range []struct{ column, value string }{{"label", f.Label}, {"split", f.Split}} {
		if c.value != "" {
			args = append(args, valid(c.value))
			from += fmt.Sprintf(" AND %s = $%d", c.column, len(args))
		}
	}
	if len(vector) > maxIndexed && len(vector) <= maxHalf {
		var there bool
		if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", t.in(t.indexName())).Scan(&there); err != nil {
			return nil, err
		}
		if there {
			from = t.firstPass(from, len(vector), seen)
		}
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT path, id, 1 - distance FROM (SELECT path, id, embedding <=> $1::text::vector AS distance
FROM %s ORDER BY distance LIMIT $2) AS nearest ORDER BY distance, path`, from), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Match])
}

// firstPass is the rows from which are nearest in half precision, by the index, as many as are seen; $1 is the vector.
func (t table) firstPass(from string, dim, seen int) string {
	expression, _, query, _ := operand(dim)
	return fmt.Sprintf("(SELECT path, id, embedding FROM %s ORDER BY %s <=> $1::text::%s LIMIT %d) AS seen", from, expression, query, seen)
}

// vectorText is a vector as pgvector reads it.
func vectorText(vector []float32) string {
	parts := make([]string, len(vector))
	for i, v := range vector {
		parts[i] = strconv.FormatFloat(float64(v), 'g', -1, 32)
	}
	return "[" + strings.Join(parts, ",") + "]"
}
