package train

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/setting"
	"udml-gpu/engine/store/storetest"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// TestRanksWaitForTheMirror: while rank 0 copies the last checkpoint to a slow store, the others wait and do not end before it.
func TestRanksWaitForTheMirror(t *testing.T) {
	server := storetest.New(t)
	server.Spoil = func(r *http.Request, _ int) string {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/checkpoints/") {
			time.Sleep(100 * time.Millisecond)
		}
		return ""
	}
	c := tiny(t, func(c *setting.Config) {
		c.Shards, c.Epochs, c.Mirror = 3, 1, "s3://bucket/run"
	})
	shardtest.Run(t, 3, func(carrier shard.Carrier) {
		ctx, s := quietly(0)
		s.Carrier = carrier
		tr, err := New(ctx, c, s)
		if err != nil {
			t.Error(err)
			return
		}
		defer tr.Close()
		if _, err := onTrainImages(tr).Train(ctx); err != nil {
			t.Errorf("rank %d: %v", carrier.Rank(), err)
		}
		if last, _ := server.Get("bucket/run/checkpoints/last"); last != "000001\n" {
			t.Errorf("rank %d ends when the mirror's last checkpoint is %q", carrier.Rank(), last)
		}
	})
}
