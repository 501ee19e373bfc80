package cli

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// loopbackClient is the client for our own pages: it never asks a proxy.
var loopbackClient = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}

// demoPorts takes the demo's addresses. A usual one that is taken gives way to a free one, with a note; one that was asked for does not.
type demoPorts struct {
	cmd   *cobra.Command
	notes []string
	err   error // the first
}

// take listens on an address.
func (p *demoPorts) take(flag, addr string) net.Listener {
	l, err := p.listen(flag, addr)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("demo: --%s: %w", flag, err)
	}
	return l
}

// free gives an address that somebody else will listen on in a moment.
func (p *demoPorts) free(flag, addr string) string {
	l := p.take(flag, addr)
	if l == nil {
		return addr
	}
	defer l.Close()
	return l.Addr().String()
}

func (p *demoPorts) listen(flag, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%q is not host:port", addr)
	}
	if host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return nil, fmt.Errorf("%s is not this machine alone; the demo listens on 127.0.0.1", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err == nil || p.cmd.Flags().Changed(flag) {
		return l, err
	}
	if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err == nil {
		p.notes = append(p.notes, fmt.Sprintf("Port %s was taken, so --%s is %s this time.", port, flag, l.Addr()))
	}
	return l, err
}
