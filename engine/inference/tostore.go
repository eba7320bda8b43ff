package inference

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
)

// embedToStore is EmbedTo with an object in a store, which is replaced as a whole: the file is made in TMPDIR first. Of several ranks rank
// 0 alone makes and sends it.
func embedToStore(ctx context.Context, q Request, out string) (*Embedded, error) {
	if !q.Leads() {
		return EmbedTo(ctx, q, "")
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
		return e, client.PutFile(ctx, at, file, store.Always())
	})
	if err != nil {
		return nil, err
	}
	e.Out = out
	return e, nil
}
