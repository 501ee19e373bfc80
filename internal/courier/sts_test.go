package courier

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aside/test/fake"
)

// policyHost serves a policy for ext.test over HTTPS and counts how often it was asked.
type policyHost struct {
	answer http.HandlerFunc
	asked  atomic.Int32
	client *http.Client
}

func newPolicyHost(t *testing.T, ca *fake.CA) *policyHost {
	p := &policyHost{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if r.URL.Path != "/.well-known/mta-sts.txt" || r.Host != "mta-sts.ext.test" {
			http.NotFound(w, r)
			return
		}
		p.answer(w, r)
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Cert("mta-sts.ext.test")}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	p.client = &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool()}, DisableKeepAlives: true,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
			}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	}
}

const enforce = "version: STSv1\nmode: enforce\nmx: *.ext.test\nmax_age: 86400\n"

func TestW07_AnMTASTSPolicyIsEnforced(t *testing.T) {
	ca := fake.NewCA(t)
	good, bad := ca.Cert("mx.ext.test"), ca.Expired("mx.ext.test")
	for _, tc := range []struct {
		name   string
		cert   *tls.Certificate
		answer http.HandlerFunc
		want   string
	}{
		{"verified TLS to a named server", &good, says(enforce), "delivered"},
		{"a bad certificate", &bad, says(enforce), "temporary"},
		{"no TLS", nil, says(enforce), "temporary"},
		{"a server the policy does not name", &good, says(strings.Replace(enforce, "*.ext.test", "mail.other.test", 1)), "temporary"},
		{"a wildcard stands for one label only", &good, says(strings.Replace(enforce, "*.ext.test", "*.test", 1)), "temporary"},
		{"testing mode asks for nothing", nil, says(strings.Replace(enforce, "enforce", "testing", 1)), "delivered"},
		{"mode none asks for nothing", nil, says("version: STSv1\nmode: none\nmax_age: 1\n"), "delivered"},
		{"a policy that cannot be read asks for nothing", nil, says("<html>"), "delivered"},
		{"a redirect is not followed", nil, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://mta-sts.ext.test/.well-known/mta-sts.txt", http.StatusFound)
		}, "delivered"},
		{"HTML is no policy", nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(enforce))
		}, "delivered"},
		{"a policy too long", nil, says(enforce + strings.Repeat("x: y\n", maxPolicy/4)), "delivered"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dns, mx, c := world(t)
			dns.TXT("_mta-sts.ext.test", "v=STSv1; id=20260101")
			host := newPolicyHost(t, ca)
			host.answer = tc.answer
			c.HTTP, c.TLS = host.client, &tls.Config{RootCAs: ca.Pool()}
			if tc.cert != nil {
				mx.StartTLS(*tc.cert)
			}
			for range 2 {
				_, f := send(c, toBob())
				wantKind(t, f, tc.want)
			}
			if host.asked.Load() != 1 {
				t.Errorf("the policy was asked for %d times for two letters", host.asked.Load())
			}
			if tc.want != "delivered" {
				none(t, mx)
			}
		})
	}
}

func TestAPolicyOutlivesItsRecordAndItsServer(t *testing.T) {
	ca, clock := fake.NewCA(t), fake.NewClock(time.Now())
	dns, mx, c := world(t)
	dns.TXT("_mta-sts.ext.test", "v=STSv1; id=1")
	host := newPolicyHost(t, ca)
	host.answer = says(enforce)
	c.HTTP, c.Now = host.client, clock.Now
	refused := func(when string) {
		t.Helper()
		if _, f := send(c, toBob()); kind(f) != "temporary" {
			t.Errorf("%s: %s", when, kind(f))
		}
	}
	refused("with the policy")
	host.answer = http.NotFound
	clock.Advance(time.Hour)
	refused("same id, nothing fetched")
	if host.asked.Load() != 1 {
		t.Errorf("asked %d times", host.asked.Load())
	}
	dns.TXT("_mta-sts.ext.test", "v=STSv1; id=2")
	clock.Advance(time.Hour)
	refused("new id, its text cannot be had")
	dns.Remove("_mta-sts.ext.test")
	clock.Advance(time.Hour)
	refused("the record is gone")
	dns.Fault("_mta-sts.ext.test", fake.ServFail)
	clock.Advance(time.Hour)
	refused("DNS is down")
	none(t, mx)
	clock.Advance(24 * time.Hour)
	must(t, c, toBob())
}

func TestThePolicyIsNotFetchedFromInside(t *testing.T) {
	dns, _, c := world(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	knocked := make(chan struct{}, 1)
	go func() {
		if _, err := inner.Accept(); err == nil {
			knocked <- struct{}{}
		}
	}()
	dns.TXT("_mta-sts.ext.test", "v=STSv1; id=1").A("mta-sts.ext.test", "127.0.0.1")
	c.MXAllow = nil
	if _, err := c.fetch(context.Background(), "https://mta-sts.ext.test:"+portOf(inner)+"/"); err == nil || !strings.Contains(err.Error(), "not on the public Internet") {
		t.Errorf("fetched: %v", err)
	}
	select {
	case <-knocked:
		t.Error("an inner door was knocked on")
	default:
	}
}

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestOneRecordOfVersionSTSv1Counts(t *testing.T) {
	for _, tc := range []struct {
		id   string
		txts []string
	}{
		{"20260101", []string{"v=STSv1; id=20260101;"}},
		{"1", []string{"v=spf1 -all", "v=STSv1;id=1; x=y"}},
		{"", []string{"v=STSv1; id=1", "v=STSv1; id=2"}},
		{"", []string{"v=STSv2; id=1"}},
		{"", []string{"v=STSv1; id=a_b"}},
		{"", []string{"v=STSv1; id=" + strings.Repeat("1", 33)}},
		{"", []string{"v=STSv1;"}},
		{"", nil},
	} {
		if id, ok := stsID(tc.txts); (ok && id != tc.id) || ok != (tc.id != "") {
			t.Errorf("%q: %q %v", tc.txts, id, ok)
		}
	}
}

func TestTheSTSCacheIsBounded(t *testing.T) {
	var s stsCache
	for i := range stsDomains + 500 {
		s.put(strings.Repeat("x", 1+i%50)+string(rune('a'+i%26))+time.Duration(i).String(), stsEntry{})
	}
	if len(s.domains) > stsDomains {
		t.Errorf("%d domains are remembered", len(s.domains))
	}
}
