package setting

import (
	"errors"
	"strings"
	"testing"
)

// pooled is the settings of a run on data with that backbone and pooling.
func pooled(backbone, pool string) Config {
	c := Defaults()
	c.Data, c.Backbone, c.Pool = "d", backbone, pool
	return c
}

// TestPool: an open pooling is the backbone's, and one that it lacks is refused by name.
func TestPool(t *testing.T) {
	for pool, want := range map[string]string{"": "mean", "mean": "mean", "mean+max": "mean+max", "gem": "gem"} {
		c := pooled("squeezenet", pool)
		if err := c.Resolve(); err != nil || c.Pool != want {
			t.Fatalf("%q becomes %q, %v", pool, c.Pool, err)
		}
		if net, err := c.Network(); err != nil || net.Pooling() != want {
			t.Errorf("%q: the network pools by %q, %v", pool, net.Pooling(), err)
		}
	}
	c := pooled("squeezenet", "cls")
	err := c.Resolve()
	var wrong *UsageError
	want := "--pool cls: squeezenet has no pooling of that name; it has mean, max, mean+max, gem"
	if !errors.As(err, &wrong) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestRunsKeepTheirPool: a run of an earlier version, whose config.yaml has no line for it, pools by the mean; none can be resumed with
// another.
func TestRunsKeepTheirPool(t *testing.T) {
	want := file(t, "config_cbswr.yaml")
	old := strings.Replace(want, "pool: mean\n", "", 1)
	if old == want {
		t.Fatal("config_cbswr.yaml has no pool")
	}
	run := Defaults()
	if err := run.ReadYAML("config.yaml", []byte(old)); err != nil {
		t.Fatal(err)
	}
	if err := run.Resolve(); err != nil || run.Pool != "mean" {
		t.Fatalf("pool %q, %v", run.Pool, err)
	}
	c := run
	if changes, err := c.CompatibleWith(run, nil); err != nil || len(changes) > 0 {
		t.Errorf("%v, %v", changes, err)
	}
	c.Pool = "max"
	if err := c.KeepsNetwork(run); err == nil || !strings.Contains(err.Error(), "--pool max differs from the run's mean") {
		t.Errorf("eval with another pooling: %v", err)
	}
	if _, err := c.CompatibleWith(run, nil); err == nil || !strings.Contains(err.Error(), "--pool max differs from the run's mean") {
		t.Errorf("resumed with another pooling: %v", err)
	}
	changes, err := c.CompatibleWith(run, Allowance{"pool"})
	if err != nil || len(changes) != 1 || !Reshapes(changes) {
		t.Errorf("allowed: %v, %v", changes, err)
	}
}

// TestPresetsPool: a preset's pooling belongs to its network, as its normalisation does.
func TestPresetsPool(t *testing.T) {
	for _, c := range []struct {
		text string
		from Origin
	}{{"", FromPreset}, {"backbone: squeezenet\n", FromDefault}, {"backbone: squeezenet\npool: gem\n", FromFile}} {
		l, err := NewLayers("cbswr-cub", "f.yaml", []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Resolve(); err != nil || l.Settings()["pool"].From != c.from {
			t.Errorf("%q: %+v, %v", c.text, l.Settings()["pool"], err)
		}
	}
}
