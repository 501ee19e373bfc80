package cli

import (
	"context"
	"net"
	"strings"
	"testing"

	"aside/internal/mailauth"
)

func startNames(t *testing.T) *demoNames {
	t.Helper()
	d, err := newDemoNames(demoDomain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return d
}

func TestNamesPublishWhatACarefulDomainDoes(t *testing.T) {
	d := startNames(t)
	r := mailauth.NewResolver(d.addr())
	for name, c := range map[string]struct{ ask, want string }{ // want "": there is no such name
		"a vendor's DMARC record asks to refuse":   {"_dmarc.vendor.test", "p=reject"},
		"so does any domain an agent may think of": {"_dmarc.bolts.example", "p=reject"},
		"a vendor's key":                                {"s1._domainkey.vendor.test", "k=ed25519; p="},
		"capitals are the same name":                    {"S1._DomainKey.Vendor.TEST", "k=ed25519; p="},
		"a vendor's SPF record names its own server":    {"vendor.test", "ip4:127.0.0.10 -all"},
		"another selector has no key":                   {"s2._domainkey.vendor.test", ""},
		"nobody but Aside signs for the mail domain":    {"s1._domainkey." + demoDomain, ""},
		"only the relay sends for the mail domain":      {demoDomain, "v=spf1 ip4:127.0.0.11 -all"},
		"the silent domain has no policy":               {"_dmarc.silent.test", ""},
		"the silent domain has no SPF record":           {"silent.test", ""},
		"the silent domain has no key":                  {"s1._domainkey.silent.test", ""},
		"a top-level name has no policy for all below":  {"_dmarc.test", ""},
		"a service name below a domain is not a sender": {"_mta-sts.vendor.test", ""},
	} {
		t.Run(name, func(t *testing.T) {
			texts, err := r.LookupTXT(context.Background(), c.ask)
			if c.want == "" {
				if known, ok := err.(*net.DNSError); len(texts) > 0 || !ok || !known.IsNotFound {
					t.Fatalf("%s: %q, %v; want no such name", c.ask, texts, err)
				}
				return
			}
			if len(texts) != 1 || !strings.Contains(texts[0], c.want) {
				t.Fatalf("%s: %q, %v; want %q", c.ask, texts, err, c.want)
			}
		})
	}
	mx, err := r.LookupMX(context.Background(), "vendor.test")
	if err != nil || len(mx) != 1 || mx[0].Host != "mail.vendor.test." {
		t.Fatalf("MX: %v, %v", mx, err)
	}
}
