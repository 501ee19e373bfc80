package courier

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// login is AUTH (RFC 4954). Whether the connection is good enough for a password was
// decided before (see relaySecurity). That a wrong password bounces no letter is seen to
// in viaRelay.
func (cn *conn) login(who *url.Userinfo) *Failure {
	pass, _ := who.Password()
	offered := strings.Fields(strings.ToUpper(cn.exts["AUTH"]))
	for _, mech := range cn.mechanisms() {
		if slices.Contains(offered, mech) {
			return cn.auth(mech, who.Username(), pass)
		}
	}
	return later("4.7.4", "the relay offers no login that we know (PLAIN, LOGIN, CRAM-MD5)").at(cn.host)
}

// mechanisms in order of preference: under TLS the plain ones, which let the relay keep
// its passwords hashed; in clear (loopback) the one that does not show the password.
func (cn *conn) mechanisms() []string {
	if cn.tls != "" {
		return []string{"PLAIN", "LOGIN", "CRAM-MD5"}
	}
	return []string{"CRAM-MD5", "PLAIN", "LOGIN"}
}

// auth runs one mechanism: a first line, then an answer to each challenge.
func (cn *conn) auth(mech, user, pass string) *Failure {
	line := "AUTH " + mech
	var answers []func(challenge []byte) string
	switch mech {
	case "PLAIN": // RFC 4616
		line += " " + encode("\x00"+user+"\x00"+pass)
	case "LOGIN":
		answers = append(answers, func([]byte) string { return user }, func([]byte) string { return pass })
	case "CRAM-MD5": // RFC 2195
		answers = append(answers, func(challenge []byte) string {
			mac := hmac.New(md5.New, []byte(pass))
			mac.Write(challenge)
			return user + " " + hex.EncodeToString(mac.Sum(nil))
		})
	}
	rep, f := cn.ask("the login", line, cn.t.greeting())
	for _, answer := range answers {
		if f != nil || rep.code != 334 {
			break
		}
		challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rep.lines[0]))
		if err != nil {
			return cn.lost("the login", err)
		}
		rep, f = cn.ask("the login", encode(answer(challenge)), cn.t.greeting())
	}
	if f == nil && rep.code != 235 {
		f = cn.refused("the login", rep)
	}
	return f
}

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
