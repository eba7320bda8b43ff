package store

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"udml-gpu/engine/data/baddata"
)

// Client speaks to the store that the environment names: AWS, or AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL.
type Client struct {
	reads     *minio.Core   // its requests are tried once: the reader of the answer tries again
	writes    *minio.Client // tries its requests again
	transport *watched
	anonymous bool // there are no credentials
	wait      time.Duration
}

// attempts is how often a request is tried, and firstWait the pause after the first failure; each further one is twice as long.
const (
	attempts  = 6
	firstWait = 200 * time.Millisecond
)

// patience is how long a request may move fewer than leastBytes.
const patience = 30 * time.Second

// Open is the client of the store that the environment names. The same environment gives the same client.
func Open() (*Client, error) {
	o, err := fromEnvironment()
	if err != nil {
		return nil, err
	}
	opened.Lock()
	defer opened.Unlock()
	if c := opened.clients[o]; c != nil {
		return c, nil
	}
	c, err := newClient(o, credentialsOf(o))
	if err != nil {
		return nil, err
	}
	if opened.clients == nil {
		opened.clients = map[options]*Client{}
	}
	opened.clients[o] = c
	return c, nil
}

var opened struct {
	sync.Mutex
	clients map[options]*Client
}

// options are what the environment says, besides the credentials themselves.
type options struct {
	host, region string
	plain        bool // http
	custom       bool // not AWS
	patience     time.Duration
	keys         string // tells credentials in the environment apart; never shown
}

func fromEnvironment() (options, error) {
	o := options{host: "s3.amazonaws.com", region: first("AWS_REGION", "AWS_DEFAULT_REGION"), patience: patience}
	o.keys = strings.Join([]string{
		os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"),
		os.Getenv("AWS_PROFILE"),
	}, "\n")
	if text := os.Getenv("UDML_S3_TIMEOUT"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 1 || seconds > 3600 {
			return o, baddata.Errorf("UDML_S3_TIMEOUT is %q: expected 1 to 3600 seconds", text)
		}
		o.patience = time.Duration(seconds) * time.Second
	}
	endpoint := first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
	if endpoint == "" {
		return o, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" {
		return o, baddata.Errorf("AWS_ENDPOINT_URL does not name a store: expected https://HOST or http://HOST:PORT")
	}
	o.host, o.plain, o.custom = u.Host, u.Scheme == "http", true
	if o.region == "" {
		o.region = "us-east-1" // what stores besides AWS expect where it does not matter
	}
	return o, nil
}

// first is the first of the variables that is set.
func first(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// credentialsOf looks for credentials where AWS's own programs do: environment, files of a profile, and the role of the machine or pod.
func credentialsOf(o options) *credentials.Credentials {
	providers := []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}}
	role := first("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI") != ""
	if role || !o.custom && !strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		// Where no machine gives roles, its address does not answer.
		dial := (&net.Dialer{Timeout: 2 * time.Second}).DialContext
		client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: dial, Proxy: http.ProxyFromEnvironment}}
		providers = append(providers, &credentials.IAM{Client: client, Region: o.region})
	}
	return credentials.NewChainCredentials(providers)
}

func newClient(o options, keys *credentials.Credentials) (*Client, error) {
	plain, err := minio.DefaultTransport(!o.plain)
	if err != nil {
		return nil, baddata.Errorf("the store at %s cannot be used: %w", o.host, err)
	}
	plain.MaxIdleConnsPerHost = 64
	plain.ResponseHeaderTimeout = 0 // watched has a limit
	c := &Client{transport: &watched{next: plain, limit: o.patience}, wait: firstWait}
	if v, err := keys.GetWithContext(&credentials.CredContext{
		Client:  &http.Client{Transport: plain},
		Context: context.Background(),
	}); err != nil ||
		v.AccessKeyID == "" {
		c.anonymous = true // for a public bucket; the chain would look for a role with each request
		keys = credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	}
	settings := minio.Options{Creds: keys, Secure: !o.plain, Region: o.region, Transport: c.transport, MaxRetries: 1}
	if o.custom {
		settings.BucketLookup = minio.BucketLookupPath
	}
	once, err := minio.NewCore(o.host, &settings)
	if err != nil {
		return nil, baddata.Errorf("AWS_ENDPOINT_URL does not name a store: %w", err)
	}
	settings.MaxRetries = attempts
	again, err := minio.New(o.host, &settings)
	if err != nil {
		return nil, baddata.Errorf("AWS_ENDPOINT_URL does not name a store: %w", err)
	}
	c.reads, c.writes = once, again
	return c, nil
}
