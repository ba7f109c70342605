// tests/probe/open.go - one open and one connect, by the Go runtime's own
// system calls.
package main

import (
	"net"
	"os"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	f.Close()
	if c, err := net.Dial("tcp", os.Args[2]); err == nil {
		c.Close()
	}
}
