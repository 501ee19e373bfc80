package courier

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"aside/test/fake"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// goPeer is a go-smtp server: a parser of commands written by somebody else, with TLS
// and a login.
type goPeer struct {
	mu      sync.Mutex
	letters []string
}

type goSession struct {
	peer     *goPeer
	from, to string
	user     string
}

func (s *goSession) Reset()                                      { s.from, s.to = "", "" }
func (s *goSession) Logout() error                               { return nil }
func (s *goSession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *goSession) Rcpt(to string, _ *smtp.RcptOptions) error   { s.to = to; return nil }
func (s *goSession) AuthMechanisms() []string                    { return []string{sasl.Plain} }
func (s *goSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if pass != "secret" {
			return errors.New("wrong password")
		}
		s.user = user
		return nil
	}), nil
}

func (s *goSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.peer.mu.Lock()
	defer s.peer.mu.Unlock()
	s.peer.letters = append(s.peer.letters, s.user+"|"+s.from+"|"+s.to+"|"+string(body))
	return nil
}

func TestAGoSmtpServerTakesLettersOverTLSWithALogin(t *testing.T) {
	ca, dns, peer := fake.NewCA(t), fake.NewDNS(t).A("relay.test", "127.0.0.1"), &goPeer{}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &goSession{peer: peer}, nil }))
	srv.Domain, srv.EnableSMTPUTF8, srv.MaxMessageBytes = "relay.test", true, 1<<20
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{ca.Cert("relay.test")}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c := &Courier{Relay: &url.URL{Scheme: "smtp", User: url.UserPassword("joe", "secret"), Host: "relay.test:" + portOf(l)},
		Resolver: dns.Resolver(), TLS: &tls.Config{RootCAs: ca.Pool()}, Timeouts: quick()}
	defer c.Close()
	for i, to := range []string{"bob@ext.test", "jürgen@ext.test", "ann@ext.test"} {
		p := toBob()
		p.To = to
		out := must(t, c, p)
		if want := "joe|bounce+x@in.test|" + to + "|" + sample; peer.letters[i] != want || !out.Verified {
			t.Errorf("came as %q, outcome %+v", peer.letters[i], out)
		}
	}
}
