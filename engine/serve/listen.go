package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"udml-gpu/engine/data/baddata"
)

// The longest that a client may take: for the head of a request, for all of it, for the answer, and between two requests.
const (
	headTime  = 10 * time.Second
	readTime  = time.Minute
	writeTime = 2 * time.Minute
	idleTime  = 2 * time.Minute
	// shutTime is how long requests that have begun may go on when the server ends.
	shutTime    = 20 * time.Second
	maxHeadSize = 64 << 10
)

// Listen answers on the listener until ctx ends, and lets requests that have begun finish. certificate, unless nil, makes it speak TLS.
func (s *Server) Listen(ctx context.Context, l net.Listener, certificate *tls.Certificate) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeadSize,
	}
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	}
	ended := make(chan error, 1)
	go func() {
		if certificate != nil {
			ended <- server.ServeTLS(l, "", "")
		} else {
			ended <- server.Serve(l)
		}
	}()
	select {
	case err := <-ended:
		return baddata.Errorf("%s: the server has ended: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutTime)
	defer cancel()
	err := server.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // what takes longer is cut off
	}
	return err
}
