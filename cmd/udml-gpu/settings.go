package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/data"
	"udml-gpu/engine/method"
	"udml-gpu/engine/optim"
	"udml-gpu/engine/setting"
	"udml-gpu/models/backbone"
)

type config = setting.Config

func dataSettings() []settingFlag {
	always, asked := data.Boxed()
	return []settingFlag{
		text("data", "data", "folder, zip or tar of images (train/<class>/ and test/<class>/ inside it are used as splits, see --layout), or a path after "+
			strings.Join(data.Formats(), ":, ")+":", func(c *config) *string { return &c.Data }),
		text("labels", "data", "where labels come from: auto (splits' class folders), folder (class folders where there are no splits), none", func(c *config) *string { return &c.Labels }),
		text("boxes", "data", "crop images to boxes that the data set has: auto (those of lists in "+strings.Join(always, ", ")+"), "+
			"crop (those of "+strings.Join(asked, ", ")+" too), ignore", func(c *config) *string { return &c.Boxes }),
		text("layout", "data", "whether folders train, test and val are splits: auto (where nothing else is beside them), "+
			"splits (whatever is beside them), plain (never: one set)", func(c *config) *string { return &c.Layout }),
		text("cache-ram", "data", "decoded images are kept in memory up to this size, beyond it in a memory-mapped file", func(c *config) *string { return &c.CacheRAM }),
		text("cache", "data", "folder where decoded images are kept and used again by later runs; none: no folder", func(c *config) *string { return &c.Cache }),
		whole("max-bad", "data", "damaged images to skip before it is an error; -1: the larger of 1 % and 5", func(c *config) *int { return &c.MaxBad }),
		text("max-pixels", "data", "pixels of the largest image that is read, such as 179M; larger ones count as damaged", func(c *config) *string { return &c.MaxPixels }),
		whole("workers", "data", "goroutines that decode and augment; results do not depend on it", func(c *config) *int { return &c.Workers }),
	}
}

func networkSettings() []settingFlag {
	return []settingFlag{
		text("backbone", "network", "network: "+strings.Join(backbone.Names(), ", ")+" (default: squeezenet; conv4 for --channels 1)", func(c *config) *string { return &c.Backbone }),
		pretrainedSetting(),
		text("weights-part", "network", "which network of the --pretrained file, where it holds more than one, such as teacher or state_dict (default: the one that the program which wrote it evaluates; weights inspect lists them)", func(c *config) *string { return &c.Part }),
		whole("size", "network", "image size in pixels; 0: the backbone's usual one", func(c *config) *int { return &c.Size }),
		whole("resize", "network", "size that images are scaled to before the crop to --size; 0: round(1.1 size)", func(c *config) *int { return &c.Resize }),
		text("resize-mode", "network", "squash: both sides become --resize; shorter: the shorter one does, proportions are kept, and the square in the middle is used", func(c *config) *string { return &c.ResizeMode }),
		text("interpolation", "network", "how images are scaled: bilinear, bicubic or lanczos, as Pillow does it, antialiased", func(c *config) *string { return &c.Interpolation }),
		text("channel-order", "network", "rgb or bgr, as the network takes colours (default: as the backbone was trained)", func(c *config) *string { return &c.ChannelOrder }),
		whole("pixel-range", "network", "1 or 255: pixels from 0 to that before --mean is taken off and --std divides; 0: the backbone's", func(c *config) *int { return &c.PixelRange }),
		text("mean", "network", "mean of each channel, a,b,c, in the order of --channel-order and the range of --pixel-range (default: the backbone's)", func(c *config) *string { return &c.Mean }),
		text("std", "network", "deviation of each channel, likewise; 1,1,1 takes off the mean alone (default: the backbone's)", func(c *config) *string { return &c.Std }),
		whole("channels", "network", "1: grey, 3: colour", func(c *config) *int { return &c.Channels }),
		yes("invert", "network", "invert the images (dark ink on light paper becomes light on dark)", func(c *config) *bool { return &c.Invert }),
		whole("dim", "network", "dimensions of the embedding", func(c *config) *int { return &c.Dim }),
		text("head-init", "network", "start of the embedding layer: whiten (whitened PCA of the training features) or random (default: whiten with pretrained weights)", func(c *config) *string { return &c.HeadInit }),
	}
}

func methodSettings() []settingFlag {
	return []settingFlag{
		text("method", "method", "training method: "+strings.Join(method.Names(), ", "), func(c *config) *string { return &c.Method }),
		whole("clusters", "method", "number of clusters K", func(c *config) *int { return &c.Clusters }),
		number("temperature", "method", "temperature t of the metric loss", func(c *config) *float64 { return &c.Temperature }),
		number("alpha", "method", "weight of the second term of the metric loss", func(c *config) *float64 { return &c.Alpha }),
		number("mu", "method", "weight of the marginal entropy in the clustering loss", func(c *config) *float64 { return &c.Mu }),
		number("metric-weight", "method", "weight of the metric loss", func(c *config) *float64 { return &c.MetricWeight }),
		number("rim-weight", "method", "weight of the clustering loss", func(c *config) *float64 { return &c.RimWeight }),
		number("rec-weight", "method", "weight of the reconstruction loss", func(c *config) *float64 { return &c.RecWeight }),
		number("dropout", "method", "dropout before the clustering layer", func(c *config) *float64 { return &c.Dropout }),
		yes("logit-norm", "method", "L2-normalise the clustering logits, as the published code does", func(c *config) *bool { return &c.LogitNorm }),
		text("pseudo-labels", "method", "cluster, or oracle: true labels, an upper bound that is marked in every result", func(c *config) *string { return &c.PseudoLabels }),
		text("positives", "method", "what the second view shows: self, the same image; neighbours, that or the image nearest in pooled features, found anew each epoch", func(c *config) *string { return &c.Positives }),
		yes("final-whiten", "method", "whiten the finished embedding by a last linear layer", func(c *config) *bool { return &c.FinalWhiten }),
		number("whiten-power", "method", "--head-init whiten scales each direction by its standard deviation to the minus this power", func(c *config) *float64 { return &c.WhitenPower }),
		number("final-whiten-power", "method", "the same for --final-whiten", func(c *config) *float64 { return &c.FinalPower }),
	}
}

func viewSettings() []settingFlag {
	return []settingFlag{
		text("crop", "views", "where a training view of --size lies in the scaled image: random or centre (default: random for colour, centre for grey)", func(c *config) *string { return &c.Crop }),
		number("flip", "views", "probability of a horizontal flip; -1: 0.5 for colour, 0 for grey", func(c *config) *float64 { return &c.Flip }),
		number("rotate", "views", "largest rotation in degrees, either way", func(c *config) *float64 { return &c.Rotate }),
		text("scale", "views", "smallest and largest scale, LO,HI", func(c *config) *string { return &c.Scale }),
		number("shift", "views", "largest shift in pixels, each way; -1: 0 for colour (which is cropped at random), 2 for grey", func(c *config) *float64 { return &c.Shift }),
	}
}

func optimSettings() []settingFlag {
	return []settingFlag{
		whole("epochs", "training", "passes over the images; 0: whiten the pretrained features and stop", func(c *config) *int { return &c.Epochs }),
		whole("batch", "training", "images a step; each is seen in two views", func(c *config) *int { return &c.Batch }),
		text("optimizer", "training", strings.Join(optim.Names(), " or ")+" (default: sgd from pretrained weights, adamw from scratch)", func(c *config) *string { return &c.Optimizer }),
		number("lr", "training", "learning rate; 0: 1e-3", func(c *config) *float64 { return &c.LR }),
		number("momentum", "training", "momentum of sgd", func(c *config) *float64 { return &c.Momentum }),
		yes("nesterov", "training", "Nesterov's momentum", func(c *config) *bool { return &c.Nesterov }),
		number("weight-decay", "training", "weight decay", func(c *config) *float64 { return &c.WeightDecay }),
		number("clip-grad", "training", "shorten the gradients of a step to this L2 norm over all of them, when they are longer; 0: off", func(c *config) *float64 { return &c.ClipGrad }),
		number("backbone-lr", "training", "factor on the learning rate of the backbone", func(c *config) *float64 { return &c.BackboneRate }),
		whole("warmup", "training", "steps of linear warm-up", func(c *config) *int { return &c.Warmup }),
		whole("cosine-steps", "training", "steps over which the learning rate falls to 0 as a cosine; 0: constant", func(c *config) *int { return &c.CosineSteps }),
		seedSetting(),
	}
}

func stopSettings() []settingFlag {
	return []settingFlag{
		whole("max-bad-steps", "stopping", "steps in a row with numbers that are not finite that end training with code 4; 0: any number is borne", func(c *config) *int { return &c.MaxBadSteps }),
		whole("collapse-epochs", "stopping", "epochs in a row with all images in one cluster that end training with code 4; 0: off", func(c *config) *int { return &c.CollapseEpochs }),
		number("collapse-rank", "stopping", "an effective rank of the embedding below this is a collapse; 0: off", func(c *config) *float64 { return &c.CollapseRank }),
		whole("collapse-evals", "stopping", "evaluations (--eval-every) in a row with such a rank that end training with code 4; 0: off", func(c *config) *int { return &c.CollapseEvals }),
	}
}

func runSettings() []settingFlag {
	return []settingFlag{
		text("out", "run", "run directory to write (default: the first of runs/001, runs/002, ... that is free)", func(c *config) *string { return &c.Out }),
		whole("eval-every", "run", "epochs between evaluations; 0: before and after training only", func(c *config) *int { return &c.EvalEvery }),
		whole("checkpoint-every", "run", "epochs between checkpoints", func(c *config) *int { return &c.CheckEvery }),
		whole("checkpoint-steps", "run", "steps between checkpoints within an epoch; 0: none", func(c *config) *int { return &c.CheckSteps }),
		whole("keep", "run", "checkpoints to keep", func(c *config) *int { return &c.Keep }),
		deviceSetting(), precisionSetting(),
	}
}

func presetSetting() settingFlag {
	return text("preset", "run", "start from a published protocol's settings: "+strings.Join(setting.Presets(), ", ")+"; --config, environment and flags win over it", func(c *config) *string { return &c.Preset })
}

func deviceSetting() settingFlag {
	return text("device", "run", "auto, cpu, cuda or cuda:N; auto: the first GPU, or the CPU where there is none", func(c *config) *string { return &c.Device })
}

func precisionSetting() settingFlag {
	return text("precision", "run", "how a GPU multiplies: fp32, tf32 or bf16", func(c *config) *string { return &c.Precision })
}

func seedSetting() settingFlag {
	f := &cli.Uint64Flag{Name: "seed", Category: "training", Usage: "key of all randomness", EnvVars: env("seed")}
	return settingFlag{f, func(c *cli.Context, cfg *config) { cfg.Seed = c.Uint64("seed") }}
}
