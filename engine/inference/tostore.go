package inference

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
)

// sending is what ranks wait for while rank 0 sends a file.
const sending = "send to the store"

// embedToStore is EmbedTo with an object in a store, which is replaced as a whole: the file is made in TMPDIR first. Of several ranks rank
// 0 alone makes and sends it, and the others wait for it.
func embedToStore(ctx context.Context, q Request, out string) (*Embedded, error) {
	if !q.Leads() {
		if _, err := EmbedTo(ctx, q, ""); err != nil {
			return nil, err
		}
		return nil, accord.While(q.Work.Group(), sending, nil)
	}
	at, err := store.Parse(out)
	if err != nil {
		return nil, err
	}
	if at.Key == "" || strings.HasSuffix(at.Key, "/") {
		return nil, setting.Usage("--out %s names no object: expected s3://BUCKET/KEY", out)
	}
	client, err := store.Open()
	if err == nil {
		_, err = client.List(ctx, at) // refuses a bucket that is not there before the work is done
	}
	if err != nil {
		return nil, err
	}
	e, err := store.Staged(out, func(folder string) (*Embedded, error) {
		file := filepath.Join(folder, path.Base(at.Key))
		e, err := EmbedTo(ctx, q, file)
		if err != nil {
			return nil, err
		}
		put := func() error { return client.PutFile(ctx, at, file, store.Always()) }
		return e, accord.While(q.Work.Group(), sending, put)
	})
	if err != nil {
		return nil, err
	}
	e.Out = out
	return e, nil
}
