package push

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// columns are those of a row, in the order of appendRow.
const columns = "path, id, label, split, sha256, row_hash, embedding"

// batchBytes is about how many bytes are sent in a transaction, and batchRows at most how many rows.
const batchBytes, batchRows = 4 << 20, 5000

// send sends the items, in a transaction a batch: COPY into a temporary table, and from there over what is in the table.
func (p *pusher) send(ctx context.Context, items []int) error {
	if len(items) == 0 {
		return nil
	}
	err := within(ctx, func(ctx context.Context) error {
		_, err := p.conn.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE udml_batch (LIKE %s) ON COMMIT DELETE ROWS", p.t.quoted()))
		return err
	})
	per := min(batchRows, max(1, batchBytes/(4*p.c.Dim()+500)))
	for len(items) > 0 && err == nil {
		batch := items[:min(per, len(items))]
		items = items[len(batch):]
		err = within(ctx, func(ctx context.Context) error {
			return pgx.BeginFunc(ctx, p.conn, func(tx pgx.Tx) error { return p.sendBatch(ctx, tx, batch) })
		})
		if err == nil {
			p.r.Sent += len(batch)
			if p.o.Progress != nil {
				p.o.Progress(p.r.Sent, p.planned)
			}
		}
	}
	return err
}

func (p *pusher) sendBatch(ctx context.Context, tx pgx.Tx, batch []int) error {
	b := append([]byte(nil), copyHeader...)
	for _, i := range batch {
		b = appendRow(b, p.c, i)
	}
	b = append(b, copyTrailer...)
	_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(b), "COPY pg_temp.udml_batch ("+columns+") FROM STDIN (FORMAT binary)")
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %s AS t (%s) SELECT %s FROM pg_temp.udml_batch
ON CONFLICT (path) DO UPDATE SET id = EXCLUDED.id, label = EXCLUDED.label, split = EXCLUDED.split, sha256 = EXCLUDED.sha256,
row_hash = EXCLUDED.row_hash, embedding = EXCLUDED.embedding WHERE t.row_hash <> EXCLUDED.row_hash`, p.t.quoted(), columns, columns))
	return err
}

// removeBatch is how many rows are deleted in a transaction.
const removeBatch = 1000

// remove deletes the rows of images that are gone.
func (p *pusher) remove(ctx context.Context, paths []string) error {
	for len(paths) > 0 {
		batch := paths[:min(removeBatch, len(paths))]
		paths = paths[len(batch):]
		err := within(ctx, func(ctx context.Context) error {
			_, err := p.conn.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE path = ANY($1)", p.t.quoted()), batch)
			return err
		})
		if err != nil {
			return err
		}
		p.r.Removed += len(batch)
	}
	return nil
}
