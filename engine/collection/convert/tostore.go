package convert

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
)

// runToStore is Run with an output in a store: the files are written to a temporary folder first, since an object is written as a whole.
func runToStore(ctx context.Context, f *format, collection, out string, o Options) (*Result, error) {
	at, client, err := placeInStore(ctx, f, out)
	if err != nil {
		return nil, err
	}
	return store.Staged(out, func(folder string) (*Result, error) {
		r, err := Run(ctx, collection, f.Name, filepath.Join(folder, path.Base(at.Key)), o)
		if err != nil {
			return nil, err
		}
		r.Out = out
		return r, send(ctx, client, folder, at, r.Files)
	})
}

// send puts the files of folder beside at, the last first, since the first is the one that others belong to, and gives files their new
// names.
func send(ctx context.Context, client *store.Client, folder string, at store.Place, files []string) error {
	above := store.Place{Bucket: at.Bucket, Key: strings.TrimSuffix(at.Key, path.Base(at.Key))}
	for i := len(files) - 1; i >= 0; i-- {
		name, err := filepath.Rel(folder, files[i])
		if err != nil {
			return err
		}
		to := above.In(filepath.ToSlash(name))
		if err := client.PutFile(ctx, to, files[i], store.Always()); err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("%w while %s was written", ErrStopped, to)
			}
			return err
		}
		files[i] = to.String()
	}
	return nil
}

// placeInStore is where the output goes: an object, or a prefix without objects for a folder.
func placeInStore(ctx context.Context, f *format, out string) (store.Place, *store.Client, error) {
	at, err := store.Parse(out)
	if err != nil {
		return at, nil, err
	}
	if at.Key = strings.TrimSuffix(at.Key, "/"); at.Key == "" || !f.Folder && strings.HasSuffix(out, "/") {
		return at, nil, setting.Usage("--out %s names no object: expected s3://BUCKET/KEY", out)
	}
	client, err := store.Open()
	if err != nil || !f.Folder {
		return at, client, err
	}
	there, err := client.List(ctx, at.In(""))
	if err == nil && len(there) > 0 {
		err = baddata.Errorf("--out %s is not empty: --to %s writes a folder, which must be new or empty", out, f.Name)
	}
	return at, client, err
}
