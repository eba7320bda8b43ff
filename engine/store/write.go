package store

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// When says under which condition Put writes.
type When struct{ etag string }

// Always writes, whatever is there.
func Always() When { return When{} }

// IfMissing writes only where there is no object.
func IfMissing() When { return When{"*"} }

// If writes only in the place of the object with that ETag.
func If(etag string) When { return When{etag} }

// Put writes an object of size bytes and returns its ETag. A condition that does not hold is ErrChanged.
func (c *Client) Put(ctx context.Context, p Place, r io.ReaderAt, size int64, when When) (etag string, err error) {
	put := minio.PutObjectOptions{ContentType: "application/octet-stream"}
	switch when.etag {
	case "":
	case "*":
		put.SetMatchETagExcept("*")
	default:
		put.SetMatchETag(when.etag)
	}
	info, err := c.writes.PutObject(ctx, p.Bucket, p.Key, io.NewSectionReader(r, 0, size), size, put)
	switch {
	case err == nil:
		return strings.Trim(info.ETag, `"`), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	tried := 1
	if passing(err) {
		tried = attempts
	}
	return "", c.fault(p, "written", err, tried)
}

// PutText is Put of a text.
func (c *Client) PutText(ctx context.Context, p Place, text string, when When) (etag string, err error) {
	return c.Put(ctx, p, strings.NewReader(text), int64(len(text)), when)
}

// PutFile is Put of a file of the disk.
func (c *Client) PutFile(ctx context.Context, p Place, file string, when When) error {
	r, info, err := disk.Open(file)
	if err != nil {
		return baddata.Errorf("%s cannot be read: %w", file, disk.Cause(err))
	}
	defer r.Close()
	_, err = c.Put(ctx, p, r, info.Size(), when)
	return err
}

// Remove removes an object; a missing one is no error.
func (c *Client) Remove(ctx context.Context, p Place) error {
	return c.try(ctx, p, "removed", func() error {
		return c.reads.RemoveObject(ctx, p.Bucket, p.Key, minio.RemoveObjectOptions{})
	})
}

// Now is the time by the clock of the store, as far as it is known.
func (c *Client) Now() time.Time { return c.transport.Now() }
