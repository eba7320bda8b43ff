package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"udml-gpu/engine/setting"
)

// connectTime is how long a server may take to answer where the URL has no connect_timeout, and stepTime how long a transaction may take.
const connectTime, stepTime = 15 * time.Second, 2 * time.Minute

// address is where a database is.
type address struct {
	config *pgx.ConnConfig
	where  string // for messages: without user and password
}

// IsURL tells whether a value is the URL of a database.
func IsURL(s string) bool {
	return strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://")
}

// parseAddress reads a URL as libpq does, with sslmode and the variables PGPASSWORD, PGSSLROOTCERT and so on.
func parseAddress(url string) (*address, error) {
	if !IsURL(url) {
		return nil, setting.Usage("the database must be given as postgres://USER@HOST:PORT/DATABASE")
	}
	config, err := pgx.ParseConfig(url)
	if err != nil { // its text may hold parts of a password
		return nil, setting.Usage("the database's URL cannot be read: expected postgres://USER@HOST:PORT/DATABASE?sslmode=MODE, with " +
			"characters such as @ and / in a password as %%40 and %%2F, and files that it names there")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	config.RuntimeParams["application_name"] = "udml-gpu"
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	a := &address{config: config, where: fmt.Sprintf("the database %s at %s", config.Database,
		net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))))}
	if strings.HasPrefix(config.Host, "/") {
		a.where = fmt.Sprintf("the database %s at %s", config.Database, config.Host)
	}
	return a, nil
}

func (a *address) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, a.config)
}

// close ends the connection; a server that does not answer is not waited for.
func (a *address) close(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // what was committed is there
}

// reason is an error of the database or of the network on one line, without a password.
func (a *address) reason(err error) string {
	var server *pgconn.PgError
	var network *net.OpError
	var number syscall.Errno
	var text string
	switch {
	case errors.As(err, &server):
		text = server.Message
		if server.Detail != "" {
			text += " (" + server.Detail + ")"
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		text = "it does not answer"
	case errors.As(err, &number):
		text = number.Error()
	case errors.As(err, &network):
		text = network.Err.Error()
	default:
		text = err.Error()
	}
	text = strings.Join(strings.Fields(text), " ")
	if a.config.Password != "" {
		text = strings.ReplaceAll(text, a.config.Password, "***")
	}
	return text
}

// within calls do with a time limit for one transaction.
func within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	return do(ctx)
}
