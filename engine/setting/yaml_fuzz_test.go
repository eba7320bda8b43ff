package setting

import "testing"

// FuzzYAML: any file of settings is read or refused with a usage error.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		"epochs: 3\n", "epoch: 3\n", "lr: high\n", "a: &a [*a]\n", "data: {b: [1, 2]}\n", "- 1\n", "\"\\xff\": 1", "lr: .nan\nscale: 1,2\n",
		"method: rim\ntemperature: 0.5\nclusters: 0\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c := Defaults()
		err := c.ReadYAML("settings.yaml", text)
		if err == nil {
			err = c.Resolve()
		}
		if _, ok := err.(*UsageError); err != nil && !ok {
			t.Errorf("%T: %v", err, err)
		}
	})
}
