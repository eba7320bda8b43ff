package setting

import (
	"runtime"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/setting/table"
)

// DataSettings say which images are used, and how they are read and kept.
type DataSettings struct {
	Data   string
	Labels string // auto, folder or none
	Boxes  string // auto, crop or ignore
	Layout string // auto, splits or plain
	Follow bool

	Workers   int
	CacheRAM  string
	Cache     string // folder of decoded images, which later runs use again; empty or none: no folder
	MaxBad    int
	MaxPixels string
}

func (c *Config) datasetRows() []table.Row {
	always, asked := data.Boxed()
	return table.Group("data",
		table.String("data", &c.Data, "",
			"folder, zip or tar of images, also s3://BUCKET/KEY (train/<class>/ and test/<class>/ inside it are used as splits, "+
				"see --layout), or a path after "+strings.Join(data.Formats(), ":, ")+":").Free().Unpreset(),
		table.String("labels", &c.Labels, "auto",
			"where labels come from: auto (splits' class folders), folder (class folders where there are no splits), none").
			OneOf("auto", "folder", "none").Unpreset(),
		table.String("boxes", &c.Boxes, "auto", "crop images to boxes that the data set has: auto (those of lists in "+
			strings.Join(always, ", ")+"), crop (those of "+strings.Join(asked, ", ")+" too), ignore").OneOf("auto", "crop", "ignore"),
		table.String("layout", &c.Layout, "auto",
			"whether folders train, test and val are splits: auto (where nothing else is beside them), splits (whatever is beside "+
				"them), plain (never: one set)").OneOf("auto", "splits", "plain").Free().Unpreset(),
		table.Bool("follow", &c.Follow, false, "look through symbolic links to folders too, each folder once").Free().Unpreset(),
	)
}

func (c *Config) loadingRows() []table.Row {
	return table.Group("data",
		table.Int("workers", &c.Workers, runtime.NumCPU(), "goroutines that decode and augment; results do not depend on it").
			Within(1, 1024).Free().Unpreset(),
		table.String("cache-ram", &c.CacheRAM, "2GiB",
			"decoded images are kept in memory up to this size, beyond it in a memory-mapped file").
			Checked(func() error { _, err := c.CacheBytes(); return err }).Free().Unpreset(),
		table.String("cache", &c.Cache, "", "folder where decoded images are kept and used again by later runs; none: no folder").
			Free().Unpreset(),
		table.Int("max-bad", &c.MaxBad, -1, "number of damaged images that are skipped, more are an error; -1: the larger of 1 % and 5").
			Within(-1, 1e9).Free().Unpreset(),
		table.String("max-pixels", &c.MaxPixels, "179M",
			"pixels of the largest image that is read, such as 179M; larger ones count as damaged").
			Checked(func() error { _, err := c.PixelLimit(); return err }).Free().Unpreset(),
	)
}
