package push

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// The limits of pgvector 0.8: dimensions of a column, of one with an HNSW index, and of one with an index of its values in half precision.
const maxDimensions, maxIndexed, maxHalf = 16_000, 2_000, 4_000

// operand is what the HNSW index of vectors of so many dimensions is of, with its operators, and the type that a query must have to be
// compared by it; ok is false where there is no index.
func operand(dim int) (expression, operators, query string, ok bool) {
	switch {
	case dim <= maxIndexed:
		return "embedding", "vector_cosine_ops", "vector", true
	case dim <= maxHalf:
		half := fmt.Sprintf("halfvec(%d)", dim)
		return "(embedding::" + half + ")", "halfvec_cosine_ops", half, true
	}
	return "", "", "", false
}

// indexName is the name of the table's index.
func (t table) indexName() string { return t.name + "_embedding_hnsw" }

// indexSQL makes the index for ORDER BY operand <=> query; "" where there is none.
func (t table) indexSQL(dim int) string {
	expression, operators, _, ok := operand(dim)
	if !ok {
		return ""
	}
	return fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s USING hnsw (%s %s)",
		pgx.Identifier{t.indexName()}.Sanitize(), t.quoted(), expression, operators)
}

// index builds the index where there is none. It may take minutes, and has no time limit.
func (p *pusher) index(ctx context.Context) error {
	sql := p.t.indexSQL(p.c.Dim())
	if sql == "" {
		p.r.NoIndex = fmt.Sprintf("pgvector's HNSW takes at most %d dimensions", maxHalf)
		return nil
	}
	p.r.Index = "hnsw"
	if p.c.Dim() > maxIndexed {
		var there bool
		if err := p.conn.QueryRow(ctx, "SELECT to_regtype('halfvec') IS NOT NULL").Scan(&there); err != nil {
			return err
		}
		if !there {
			p.r.Index, p.r.NoIndex = "", fmt.Sprintf("more than %d dimensions need pgvector 0.7 or later", maxIndexed)
			return nil
		}
		p.r.Index = "hnsw halfvec"
	}
	if err := p.giveMemory(ctx); err != nil {
		return err
	}
	_, err := p.conn.Exec(ctx, sql)
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
