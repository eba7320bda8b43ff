package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/serve"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func serveCommand() *cli.Command {
	rows := settingsOf("device", "precision")
	own := []cli.Flag{
		configFlag(),
		&cli.StringFlag{
			Name: "addr", Value: "127.0.0.1:7319", Usage: "`HOST:PORT` to listen on; port 0 takes a free one", EnvVars: env("addr"),
		},
		&cli.StringFlag{
			Name: "token", EnvVars: env("token"),
			Usage: "word that requests must have, as \"Authorization: Bearer TOKEN\"; the link that is printed lets one browser in, " +
				"once, and others ask for the word; needed to listen on other addresses than those of this machine alone",
		},
		&cli.StringSliceFlag{Name: "host", Usage: "`NAME` by which browsers reach the server, beside localhost; repeatable"},
		&cli.Int64Flag{Name: "max-upload", Value: 64, Usage: "largest request in MiB", EnvVars: env("max-upload")},
		&cli.IntFlag{
			Name: "max-requests", Value: 256, Usage: "requests at a time; the next is told to come back", EnvVars: env("max-requests"),
		},
		&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` with the certificate (PEM) for HTTPS, with --tls-key", EnvVars: env("tls-cert")},
		&cli.StringFlag{Name: "tls-key", Usage: "`FILE` with the certificate's key (PEM)", EnvVars: env("tls-key")},
	}
	return &cli.Command{
		Name: "serve", Usage: "show a collection in the browser: search, groups, duplicates, map",
		ArgsUsage: "COLLECTION",
		Description: "Prints the address of the page, and answers until Ctrl-C. It listens on this machine alone unless --addr says " +
			"otherwise. /v1/openapi.yaml is the contract of the API for programs, /metrics has figures for Prometheus.",
		Flags:        append(own, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return serveCollection(c, rows) },
	}
}

func serveCollection(c *cli.Context, rows []table.Row) error {
	certificate, err := certificateOf(c)
	if err != nil {
		return err
	}
	o, err := oneCollection(c, rows)
	if err != nil {
		return err
	}
	defer o.close()
	l, err := listen(c)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	s, err := serve.New(serve.Options{
		Path: o.Path, Token: c.String("token"), Hosts: hostsOf(c), MaxUpload: c.Int64("max-upload") << 20, MaxBusy: c.Int("max-requests"),
		Secure: certificate != nil, Version: machine.Version(), Device: o.dev,
		Open: func() (serve.Network, error) { return o.OpenNetwork(o.config, o.ui) },
	})
	if err != nil {
		return err
	}
	defer s.Close()
	code, once := "", ""
	if c.String("token") != "" {
		code, once = s.Code(), "the link lets one browser in, once; "
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s is at %s (%sCtrl-C ends)\n", o.Path, addressOf(l, code, certificate != nil), once)
	if err != nil {
		return err
	}
	return s.Listen(untilStopped(c.Context, newLog(), "stopping after the requests that have begun"), l, certificate)
}

// listen opens the address of the flags.
func listen(c *cli.Context) (net.Listener, error) {
	addr := c.String("addr")
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, setting.Usage("--addr %s: expected HOST:PORT, such as 127.0.0.1:7319", addr)
	}
	ip := net.ParseIP(host)
	switch {
	case c.Int64("max-upload") < 1 || c.Int64("max-upload") > 1<<20:
		return nil, setting.Usage("--max-upload %d: expected 1 to %d MiB", c.Int64("max-upload"), 1<<20)
	case c.Int("max-requests") < 1 || c.Int("max-requests") > 1<<20:
		return nil, setting.Usage("--max-requests %d: expected 1 to %d", c.Int("max-requests"), 1<<20)
	case host != "localhost" && (ip == nil || !ip.IsLoopback()) && c.String("token") == "":
		return nil, setting.Usage("--addr %s can be reached from other machines: --token WORD keeps strangers out", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, setting.Usage("--addr %s cannot be listened on: %v; name another, or port 0 for a free one", addr, err)
	}
	return l, nil
}

// hostsOf are the names of the server: those of the flags and the host of --addr.
func hostsOf(c *cli.Context) []string {
	var list []string
	for _, name := range c.StringSlice("host") {
		list = append(list, strings.ToLower(name))
	}
	if host, _, err := net.SplitHostPort(c.String("addr")); err == nil && host != "" {
		list = append(list, strings.ToLower(host))
	}
	return list
}

// addressOf is the page's address, with the code that lets a browser in.
func addressOf(l net.Listener, code string, secure bool) string {
	u := url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/"}
	if secure {
		u.Scheme = "https"
	}
	if code != "" {
		u.RawQuery = url.Values{"code": {code}}.Encode()
	}
	return u.String()
}

// certificateOf reads the certificate of the flags; nil where there is none.
func certificateOf(c *cli.Context) (*tls.Certificate, error) {
	file, key := c.String("tls-cert"), c.String("tls-key")
	if (file == "") != (key == "") {
		return nil, setting.Usage("--tls-cert and --tls-key go together")
	}
	if file == "" {
		return nil, nil
	}
	for _, name := range []string{file, key} {
		if _, err := os.Stat(name); err != nil {
			return nil, setting.Usage("the certificate cannot be read: %v", err)
		}
	}
	pair, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		return nil, setting.Usage("--tls-cert %s and --tls-key %s are no certificate with its key: %v", file, key, err)
	}
	return &pair, nil
}
