package setting

import (
	"fmt"

	"github.com/rs/zerolog"

	"udml-gpu/models/backbone"
)

// weightsOpen says whether the choice of weights is left to the program.
func (c *Config) weightsOpen() bool { return c.Pretrained == "auto" || c.Pretrained == "" }

// WantWeights is a UsageError for --pretrained without a file where the program has no built-in weights.
func (c *Config) WantWeights() error {
	net, err := backbone.Find(c.Backbone)
	if err != nil || c.Pretrained != "true" || net.BuiltIn != nil {
		return err
	}
	return Usage("--pretrained: no weights for %s are part of this program; name a file with --pretrained=FILE%s, or train from scratch "+
		"with --pretrained=false", c.Backbone, whereFound(net))
}

// WantTrained is a UsageError for a random network in a command that does not train, unless it was asked for by --pretrained=false
// or by naming a network without published weights.
func (l *Layers) WantTrained() error {
	c := &l.Config
	net, err := backbone.Find(c.Backbone)
	if err != nil || c.Pretrained != "false" || !l.open || !l.unnamed && !net.HasWeights() {
		return err
	}
	return Usage("%s without trained weights is a random network: name a file of them with --pretrained=FILE%s or a run with --run, or "+
		"ask for the random network with --pretrained=false", c.Backbone, whereFound(net))
}

// whereFound says, in brackets, where files of the network's weights are published; "" where there are none.
func whereFound(net backbone.Network) string {
	if net.Published == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", net.Published)
}

// random says that the network of c (resolved) has random weights and how to use trained ones; "" where it has trained ones.
func (c *Config) random() string {
	net, err := backbone.Find(c.Backbone)
	switch {
	case err != nil || c.Pretrained != "false":
		return ""
	case net.BuiltIn != nil:
		return "the network has random weights; --pretrained takes those that are part of this program"
	case net.Published != "":
		return "the network has random weights; --pretrained=FILE takes trained ones" + whereFound(net)
	}
	return "the network has random weights: no trained weights of it are published"
}

// TellRandom logs a warning if the network has random weights.
func (c *Config) TellRandom(log zerolog.Logger) {
	if text := c.random(); text != "" {
		log.Warn().Str("backbone", c.Backbone).Msg(text)
	}
}

// BlameWeights says what to do about a network that gives numbers that are not finite before any training.
func (c *Config) BlameWeights() string {
	return fmt.Sprintf("--pretrained %s does not fit images that are normalised in this way; name another file, or see --pixel-range, "+
		"--mean and --std", c.Pretrained)
}
