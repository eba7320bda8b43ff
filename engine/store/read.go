package store

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"udml-gpu/engine/data/baddata"
)

// Object is what a store says of an object.
type Object struct {
	Place
	Size     int64
	ETag     string // differs when the content does
	Modified time.Time
}

// mostObjects bounds a listing in memory.
const mostObjects = 1 << 24

// List are the objects below a prefix, by key.
func (c *Client) List(ctx context.Context, prefix Place) ([]Object, error) {
	var list []Object
	after := ""
	err := c.try(ctx, prefix, "listed", func() error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for o := range c.reads.Client.ListObjects(ctx, prefix.Bucket, minio.ListObjectsOptions{
			Prefix: prefix.Key, Recursive: true,
			StartAfter: after,
		}) {
			switch {
			case o.Err != nil:
				return o.Err
			case !strings.HasPrefix(o.Key, prefix.Key) || o.Size < 0:
				return fmt.Errorf("the store lists %q, which was not asked for%w", o.Key, errFinal)
			case len(list) == mostObjects:
				return fmt.Errorf("it has more than %d objects%w", mostObjects, errFinal)
			}
			list, after = append(list, objectOf(prefix.Bucket, o)), o.Key
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(list, func(a, b Object) bool { return a.Key == b.Key }), nil
}

func objectOf(bucket string, o minio.ObjectInfo) Object {
	return Object{Place{bucket, o.Key}, o.Size, strings.Trim(o.ETag, `"`), o.LastModified}
}

// Stat is the object at a place.
func (c *Client) Stat(ctx context.Context, p Place) (o Object, err error) {
	err = c.try(ctx, p, "read", func() error {
		info, err := c.reads.StatObject(ctx, p.Bucket, p.Key, minio.StatObjectOptions{})
		info.Key = p.Key
		o = objectOf(p.Bucket, info)
		return err
	})
	return o, err
}

// open begins to read an object from a byte on, as long as it is the object that o describes. n is how many bytes to read; 0: all.
func (c *Client) open(ctx context.Context, o Object, from, n int64) (io.ReadCloser, error) {
	var get minio.GetObjectOptions
	if o.ETag != "" { // some stores have none for objects that were not written through them
		if err := get.SetMatchETag(o.ETag); err != nil {
			return nil, err
		}
	}
	end := o.Size - 1
	if n > 0 {
		end = from + n - 1
	}
	if from > 0 || end < o.Size-1 {
		if err := get.SetRange(from, end); err != nil {
			return nil, err
		}
	}
	body, info, _, err := c.reads.GetObject(ctx, o.Bucket, o.Key, get)
	if err == nil && info.Size != end-from+1 {
		_ = body.Close()
		err = fmt.Errorf("the store gives %d bytes in place of %d", info.Size, end-from+1)
	}
	return body, err
}

// ReadAt fills p with the bytes of an object from a byte on.
func (c *Client) ReadAt(ctx context.Context, o Object, p []byte, from int64) error {
	if len(p) == 0 {
		return nil
	}
	return c.try(ctx, o.Place, "read", func() error {
		body, err := c.open(ctx, o, from, int64(len(p)))
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.ReadFull(body, p)
		return err
	})
}

// Read is the content of an object of at most so many bytes.
func (c *Client) Read(ctx context.Context, o Object, most int64) ([]byte, error) {
	if o.Size > most {
		return nil, baddata.Errorf("%w", &Fault{text: fmt.Sprintf("%s has %d bytes, the limit is %d", o.Place, o.Size, most)})
	}
	b := make([]byte, o.Size)
	return b, c.ReadAt(ctx, o, b, 0)
}

// CopyTo writes the content of an object to w.
func (c *Client) CopyTo(ctx context.Context, o Object, w io.WriterAt) error {
	if o.Size == 0 {
		return nil
	}
	return c.try(ctx, o.Place, "read", func() error {
		body, err := c.open(ctx, o, 0, 0)
		if err != nil {
			return err
		}
		defer body.Close()
		n, err := io.Copy(io.NewOffsetWriter(w, 0), body)
		if err == nil && n != o.Size {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
}
