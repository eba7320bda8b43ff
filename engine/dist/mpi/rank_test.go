package mpi

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// runRank is the program of a rank; the result is its exit code.
func runRank(name string) int {
	limit := 20 * time.Second
	o := Options{Limit: func() time.Duration { return limit }, Farewell: 20 * time.Second}
	if name == "foreign" {
		o.Size = 2
	}
	c, err := Join(o)
	if err != nil {
		return end(c, err)
	}
	if strings.Contains(name, "hang") || name == "stop" {
		limit, c.o.Farewell = time.Second, time.Second
	}
	if err := rankPrograms[name](c); err != nil {
		return end(c, err)
	}
	if err := c.Close(); err != nil {
		return end(c, err)
	}
	say("all is right")
	c.Exit(0)
	return 1
}

// say writes a line to this rank's file, since mpiexec of MPICH loses what a process writes right before its end.
func say(line string) {
	f, err := os.OpenFile(filepath.Join(os.Getenv(folderVariable), fmt.Sprint(os.Getpid())), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = fmt.Fprintln(f, line)
	}
	if err != nil {
		panic(err)
	}
}

// end is what the program does with an error.
func end(c *Carrier, err error) int {
	say(err.Error())
	var usage *setting.UsageError
	var peer *dist.PeerError
	var left *dist.LeftError
	switch {
	case errors.As(err, &usage):
		return 2
	case errors.As(err, &left):
		c.Exit(left.Code)
	case errors.As(err, &peer) && c != nil:
		c.Leave(6, err.Error())
		c.Exit(6)
	case errors.As(err, &peer):
		return 6
	}
	return 1
}

var rankPrograms = map[string]func(c *Carrier) error{
	"exchange": exchangeAll,
	"large":    exchangeLarge,
	"add":      addAll,
	"hang in a sum": func(c *Carrier) error {
		if c.Rank() == 1 {
			time.Sleep(time.Hour)
		}
		return c.Add("add gradients", kernels.Float32, make([]byte, 8))
	},
	"leave a sum": func(c *Carrier) error {
		if c.Rank() == 1 {
			return leave(c)
		}
		return c.Add("add gradients", kernels.Float32, make([]byte, 3*piece))
	},
	"uneven":                              uneven,
	"exit":                                bad(9, func(*Carrier) error { os.Exit(7); return nil }),
	"kill":                                bad(9, func(*Carrier) error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) }),
	"hang":                                bad(9, func(*Carrier) error { time.Sleep(time.Hour); return nil }),
	"stop":                                bad(9, func(*Carrier) error { return syscall.Kill(os.Getpid(), syscall.SIGSTOP) }),
	"leave":                               bad(9, leave),
	"leave with large messages under way": bad(3*piece, leave),
	"hang in Close": func(c *Carrier) error {
		if c.Rank() == 1 {
			time.Sleep(time.Hour)
		}
		return nil
	},
	"leave beside Close": func(c *Carrier) error {
		if c.Rank() == 1 {
			return leave(c)
		}
		return nil
	},
}

func leave(c *Carrier) error {
	c.Leave(3, "no space left on the disk")
	c.Exit(3)
	return nil
}

// bad is a program whose rank 1 comes to a bad end after the first exchange, while rank 2 computes for a while.
func bad(length int, end func(c *Carrier) error) func(*Carrier) error {
	return func(c *Carrier) error {
		for n := range 3 {
			to, from := tables(c.Size())
			for r := range c.Size() {
				to[r], from[r] = pattern(length, n, c.Rank(), r), make([]byte, length)
			}
			if err := c.Exchange("gather features", to, from); err != nil {
				return err
			}
			if n == 1 && c.Rank() == 1 {
				return end(c)
			}
			if n == 1 && c.Rank() == 2 {
				time.Sleep(200 * time.Millisecond)
			}
		}
		return errors.New("an exchange with a rank that is gone succeeds")
	}
}

func tables(size int) (to, from [][]byte) { return make([][]byte, size), make([][]byte, size) }

// pattern is n bytes that depend on the number of the exchange and on both ranks.
func pattern(n, exchange, from, to int) []byte {
	b := make([]byte, n)
	x := uint32(exchange*7919 + from*104729 + to*1299709 + 1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// exchangeAll exchanges messages of different lengths, none among them, and of one piece more or less.
func exchangeAll(c *Carrier) error {
	lengths := []int{0, 1, 5, 4095, 4096, 4097, 100_000, piece - 1, piece, piece + 1, 3*piece + 17}
	for n := range len(lengths) {
		to, from := tables(c.Size())
		length := func(from, to int) int { return lengths[(n+3*from+to)%len(lengths)] }
		for r := range c.Size() {
			to[r], from[r] = pattern(length(c.Rank(), r), n, c.Rank(), r), make([]byte, length(r, c.Rank()))
		}
		to[c.Rank()], from[c.Rank()] = []byte("mine"), []byte("left alone")
		if err := c.Exchange("all to all", to, from); err != nil {
			return err
		}
		for r := range c.Size() {
			want := pattern(length(r, c.Rank()), n, r, c.Rank())
			if r == c.Rank() {
				want = []byte("left alone")
			}
			if !bytes.Equal(from[r], want) {
				return fmt.Errorf("exchange %d: rank %d has other bytes from rank %d", n, c.Rank(), r)
			}
		}
	}
	host, err := os.Hostname()
	if err != nil || len(c.Hosts()) != c.Size() || c.LocalRank() != c.Rank() {
		return fmt.Errorf("machines %v, local rank %d of rank %d, %w", c.Hosts(), c.LocalRank(), c.Rank(), err)
	}
	for _, h := range c.Hosts() {
		if h != host {
			return fmt.Errorf("the machines are %q, not %q", c.Hosts(), host)
		}
	}
	return nil
}

// exchangeLarge exchanges 64 MiB both ways, and measures.
func exchangeLarge(c *Carrier) error {
	const n = 64 << 20
	other := 1 - c.Rank()
	to, from := tables(2)
	to[other], from[other] = pattern(n, 0, c.Rank(), other), make([]byte, n)
	want := pattern(n, 0, other, c.Rank())
	var seconds float64
	for range 4 {
		clear(from[other])
		began := time.Now()
		if err := c.Exchange("large", to, from); err != nil {
			return err
		}
		seconds += time.Since(began).Seconds() / 4
		if !bytes.Equal(from[other], want) {
			return errors.New("large messages have other bytes")
		}
	}
	to[other], from[other] = to[other][:64], from[other][:64]
	began := time.Now()
	const times = 2000
	for range times {
		if err := c.Exchange("small", to, from); err != nil {
			return err
		}
	}
	if c.Rank() == 0 {
		say(fmt.Sprintf("64 bytes both ways: %.1f us; 64 MiB both ways: %.0f MB/s each way",
			time.Since(began).Seconds()/times*1e6, n/seconds/1e6))
	}
	return nil
}

func uneven(c *Carrier) error {
	to, from := tables(2)
	if c.Rank() == 0 {
		from[1] = make([]byte, 8)
	} else {
		to[0] = make([]byte, 5)
	}
	err := c.Exchange("gather features", to, from)
	if c.Rank() == 1 && err == nil {
		time.Sleep(300 * time.Millisecond)
	}
	return err
}
