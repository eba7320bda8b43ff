package store

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Place{
		"s3://bucket/a/b.tar": {"bucket", "a/b.tar"}, "s3://bucket/a/": {"bucket", "a/"}, "s3://bucket": {"bucket", ""},
		"s3://bucket/":         {"bucket", ""},
		"s3://my.bucket-1/ä b": {"my.bucket-1", "ä b"},
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "bucket/a", "s3:/bucket/a", "s3://", "s3:///a", "s3://b/a", "s3://user:pass@host/a", "s3://bucket/../a", "s3://bucket/a//b",
		"s3://bucket//",
		"s3://bucket/a\x1b", "s3://bucket/a\xff", "s3://bucket/./a",
	} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		want options
		bad  bool
	}{
		"AWS": {nil, options{host: "s3.amazonaws.com", patience: patience}, false},
		"region": {map[string]string{"AWS_DEFAULT_REGION": "eu-west-1"}, options{
			host: "s3.amazonaws.com", region: "eu-west-1",
			patience: patience,
		}, false},
		"endpoint": {map[string]string{"AWS_ENDPOINT_URL": "http://h:1/"}, options{
			host: "h:1", region: "us-east-1", plain: true,
			custom: true, patience: patience,
		}, false},
		"of S3": {map[string]string{"AWS_ENDPOINT_URL": "http://h:1", "AWS_ENDPOINT_URL_S3": "https://s"}, options{
			host:   "s",
			region: "us-east-1", custom: true, patience: patience,
		}, false},
		"patience":  {map[string]string{"UDML_S3_TIMEOUT": "5"}, options{host: "s3.amazonaws.com", patience: 5 * time.Second}, false},
		"no scheme": {map[string]string{"AWS_ENDPOINT_URL": "h:1"}, options{}, true},
		"password":  {map[string]string{"AWS_ENDPOINT_URL": "https://me:secret@h"}, options{}, true},
		"path":      {map[string]string{"AWS_ENDPOINT_URL": "https://h/a"}, options{}, true},
		"no number": {map[string]string{"UDML_S3_TIMEOUT": "soon"}, options{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range []string{
				"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "UDML_S3_TIMEOUT", "AWS_ACCESS_KEY_ID",
				"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
			} {
				t.Setenv(v, c.set[v])
			}
			got, err := fromEnvironment()
			if c.want.keys = got.keys; c.bad != (err != nil) || !c.bad && got != c.want {
				t.Errorf("%+v, error %v", got, err)
			}
			if strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("%v holds a secret", err)
			}
		})
	}
}
