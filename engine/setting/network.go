package setting

import (
	"strings"

	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/backbone"
)

// NetworkSettings say what the network is, which weights it starts from and how images are prepared for it.
type NetworkSettings struct {
	Backbone   string // auto: that of the weights' file, or squeezenet
	Pretrained string // auto (the built-in weights, where there are some), true, false, or a weight file or folder
	Part       string // of a weight file that holds the network more than once; empty: the usual one
	Size       int    // auto: that of the weights' publisher, also for the next three; or the backbone's
	Resize     int    // auto: or round(1.1 size)

	ResizeMode    string // squash, shorter or shorter-floor; auto: or squash
	Interpolation string // bilinear, bicubic or lanczos; auto: or bilinear
	ChannelOrder  string // rgb or bgr; auto: the publisher's or the backbone's, also for the next three
	PixelRange    int    // 1 or 255
	Mean          string // a number for each channel, in ChannelOrder and PixelRange
	Std           string

	Channels      int
	Invert        bool
	Pool          string // auto: the backbone's published one
	Stages        int    // auto: the backbone's
	MirrorAverage bool
	AlsoSize      int // openAlso: what was measured for Size; 0: none
	AlsoMirrored  bool
	Dim           int
	HeadInit      string // auto, whiten, within or random
}

func (c *Config) networkRows() []table.Row {
	return table.Group("network", append(c.weightRows(), c.inputRows()...)...)
}

func (c *Config) weightRows() []table.Row {
	least := 1
	if net, err := backbone.Find(c.Backbone); err == nil {
		least = net.MinSize
	}
	return []table.Row{
		table.String("backbone", &c.Backbone, "", "network: "+strings.Join(backbone.Names(), ", ")).
			Auto("that of the --pretrained file, if it is a transformer's; else squeezenet, conv4 for --channels 1").Network().Shape(),
		table.String("pretrained", &c.Pretrained, "auto", "start from pretrained weights: without a value, the built-in ones; =FILE, "+
			"safetensors, torch .pth or .npz; =FOLDER, a model of transformers, timm or open_clip; =false, random ones").
			Auto("the built-in ones where there are some, squeezenet's; else random ones, which eval and embed refuse").
			MayBeBare().Network(),
		table.String("weights-part", &c.Part, "",
			"which network of the --pretrained file, where it holds more than one, such as teacher or state_dict").
			Auto("the one that the program which wrote it evaluates; weights inspect lists them").Network().Unpreset(),
		table.Int("size", &c.Size, 0, "image size in pixels").
			Auto("that of the weights' publisher, or the backbone's usual one").Within(float64(least), 1024).Network(),
		table.Int("resize", &c.Resize, 0, "size that images are scaled to before the crop to --size").
			Auto("the publisher's, or --size, the whole picture; round(1.1 size) where something is trained").
			Within(float64(c.Size), 2048).Network(),
	}
}

func (c *Config) inputRows() []table.Row {
	return []table.Row{
		table.String("resize-mode", &c.ResizeMode, "",
			"squash: both sides become --resize; shorter: the shorter one does, proportions are kept, and the square in the middle "+
				"is used; shorter-floor: the same, a pixel further up or left in some images, as transformers does it").
			Auto("the publisher's, or squash").OneOf(picture.ResizeModes()...).Network(),
		table.String("interpolation", &c.Interpolation, "",
			"how images are scaled: bilinear, bicubic or lanczos, as Pillow does it, antialiased").
			Auto("the publisher's, or bilinear").OneOf(picture.Interpolations()...).Network(),
		table.String("channel-order", &c.ChannelOrder, "", "order of the colours that the network takes, rgb or bgr").
			Auto("as the backbone was trained").OneOf("rgb", "bgr").Network(),
		table.Int("pixel-range", &c.PixelRange, 0, "1 or 255: the value of white, before --mean is subtracted and --std divides").
			Auto("the backbone's").Checked(c.checkPixelRange).Network(),
		table.String("mean", &c.Mean, "", "mean of each channel, a,b,c, in the order of --channel-order and the range of --pixel-range").
			Auto("the backbone's").Network(),
		table.String("std", &c.Std, "",
			"standard deviation of each channel, a,b,c, in the same order and range as --mean; 1,1,1 only subtracts the mean").
			Auto("the backbone's").Network(),
		table.Int("channels", &c.Channels, 3, "1: grey, 3: colour").Checked(c.checkChannels).Network().Shape(),
		table.Bool("invert", &c.Invert, false, "invert the images (dark ink on light paper becomes light on dark)").Network(),
		table.String("pool", &c.Pool, "", "how the network's map becomes features: "+strings.Join(backbone.AllPools(), ", ")+
			"; those that the --backbone has").Auto("the one that the backbone was published with").Network().Shape(),
		table.Int("stages", &c.Stages, 0, "how many of the network's last stages become features, side by side, each scaled to length 1").
			Auto("what was measured to be best for the backbone: 4 of squeezenet, else 1").Within(1, 16).Network().Shape(),
		table.Bool("mirror-average", &c.MirrorAverage, false, "features are the mean of those of an image and of its mirror image, for "+
			"twice the time; steps of training see the image alone").Network(),
		table.Int("also-size", &c.AlsoSize, openAlso, "features are the mean of those of an image at --size and at this many pixels, for "+
			"more time; 0: of --size alone. Steps of training see the image at one size").
			Auto("what was measured to be best for the built-in weights: 160 beside --size 224; else 0").Within(0, 1<<12).Network(),
		table.Bool("also-mirrored", &c.AlsoMirrored, false, "at --also-size the mirror image is seen in place of the image, which takes "+
			"no more time; --preset auto decides it by the images").Network(),
		table.Int("dim", &c.Dim, 0, "dimensions of the embedding").
			Auto("512 of whitened features, or as many as there are; else 128").Within(1, 65536).Network().Shape(),
		table.String("head-init", &c.HeadInit, "auto",
			"start of the embedding layer: within (directions in which images differ most beside two random views of each), whiten "+
				"(whitened PCA of the training features) or random").
			Auto("within with pretrained weights, else random").OneOf("within", "whiten", "random").Network(),
	}
}
