package mailauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
)

// MapResolver serves DNS from memory, for `aside inspect --dns` and for tests.
// Names are lower case with a dot at the end; one not listed does not exist.
type MapResolver map[string]MapRecords

// MapRecords is everything at one name. In JSON it may also be just a list of
// texts, for TXT.
type MapRecords struct {
	TXT   []string `json:"TXT"`
	MX    []string `json:"MX"`    // hosts; their order is their preference
	A     []string `json:"A"`     // addresses of either family
	PTR   []string `json:"PTR"`   // at a reverse name, or at the address itself
	CNAME string   `json:"CNAME"` // followed for every type
	Error string   `json:"error"` // temperror, timeout, permerror, nxdomain: instead of an answer
}

// UnmarshalJSON takes a list of texts, or an object.
func (m *MapRecords) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &m.TXT) == nil {
		return nil
	}
	type plain MapRecords // without this method
	return json.Unmarshal(data, (*plain)(m))
}

// LoadMapResolver reads {"name.": ["text", …] | {"error": "temperror"} | {"MX": […], …}}.
func LoadMapResolver(data []byte) (MapResolver, error) {
	var read map[string]MapRecords
	if err := json.Unmarshal(data, &read); err != nil {
		return nil, fmt.Errorf("reading DNS records: %w", err)
	}
	m := make(MapResolver, len(read))
	for name, records := range read {
		m[mapName(name)] = records
	}
	return m, nil
}

func mapName(name string) string { return asciiLower(strings.TrimSuffix(name, ".")) + "." }

// LookupTXT is Resolver's.
func (m MapResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, err := m.at(ctx, name)
	return orNotFound(name, records.TXT, err)
}

// LookupMX is Resolver's.
func (m MapResolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	records, err := m.at(ctx, name)
	var hosts []*net.MX
	for i, host := range records.MX {
		hosts = append(hosts, &net.MX{Host: mapName(host), Pref: uint16(i)})
	}
	return orNotFound(name, hosts, err)
}

// LookupIPAddr is Resolver's.
func (m MapResolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	records, err := m.at(ctx, host)
	var addrs []net.IPAddr
	for _, a := range records.A {
		if ip := net.ParseIP(a); ip != nil {
			addrs = append(addrs, net.IPAddr{IP: ip})
		}
	}
	return orNotFound(host, addrs, err)
}

// LookupAddr is Resolver's.
func (m MapResolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	records, err := m.at(ctx, addr)
	return orNotFound(addr, records.PTR, err)
}

// Exists says whether a name, or one below it, is listed.
func (m MapResolver) Exists(ctx context.Context, name string) (bool, error) {
	name = mapName(name)
	if _, err := m.at(ctx, name); !isNotFound(err) {
		return err == nil, err
	}
	for listed, records := range m {
		if records.Error == "" && strings.HasSuffix(listed, "."+name) {
			return true, nil
		}
	}
	return false, nil
}

// at follows aliases, and answers with the error a name is told to give.
func (m MapResolver) at(ctx context.Context, name string) (MapRecords, error) {
	if err := ctx.Err(); err != nil {
		timeout := errors.Is(err, context.DeadlineExceeded)
		return MapRecords{}, &net.DNSError{Err: err.Error(), Name: name, IsTimeout: timeout, IsTemporary: true}
	}
	name = mapName(name)
	for hop := 0; hop <= maxAliases; hop++ {
		records, ok := m[name]
		switch {
		case !ok || records.Error == "nxdomain":
			return records, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		case records.Error != "":
			return records, &net.DNSError{
				Err:         records.Error,
				Name:        name,
				IsTemporary: records.Error != "permerror",
				IsTimeout:   records.Error == "timeout",
			}
		case records.CNAME == "":
			return records, nil
		}
		name = mapName(records.CNAME)
	}
	return MapRecords{}, &net.DNSError{Err: "too many aliases", Name: name}
}

// orNotFound makes an empty answer the error the standard resolver gives.
func orNotFound[T any](name string, found []T, err error) ([]T, error) {
	if err == nil && len(found) == 0 {
		err = &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}
