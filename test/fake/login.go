package fake

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// auth is the server's side of AUTH PLAIN, LOGIN and CRAM-MD5 (RFC 4954, 4616, 2195).
func (s *session) auth(arg string) error {
	mech, initial, has := strings.Cut(arg, " ")
	mech = strings.ToUpper(mech)
	if !slices.Contains(s.mechs, mech) {
		return s.say("504 5.5.4 no such mechanism")
	}
	ok, err := false, error(nil)
	switch mech {
	case "PLAIN":
		ok, err = s.plain(initial, has)
	case "LOGIN":
		ok, err = s.login(initial, has)
	case "CRAM-MD5":
		ok, err = s.cramMD5()
	}
	if err != nil {
		return err
	}
	if !ok {
		return s.say("535 5.7.8 wrong user or password")
	}
	s.who = s.user
	return s.say("235 2.7.0 welcome")
}

func (s *session) plain(initial string, has bool) (bool, error) {
	given, err := unbase64(initial), error(nil)
	if !has {
		if given, err = s.ask(""); err != nil {
			return false, err
		}
	}
	return given == "\x00"+s.user+"\x00"+s.pass, nil
}

func (s *session) login(initial string, has bool) (bool, error) {
	user, err := unbase64(initial), error(nil)
	if !has {
		if user, err = s.ask("Username:"); err != nil {
			return false, err
		}
	}
	pass, err := s.ask("Password:")
	return user == s.user && pass == s.pass, err
}

func (s *session) cramMD5() (bool, error) {
	const challenge = "<1896.697170952@mx.fake.test>"
	given, err := s.ask(challenge)
	mac := hmac.New(md5.New, []byte(s.pass))
	mac.Write([]byte(challenge))
	return given == s.user+" "+hex.EncodeToString(mac.Sum(nil)), err
}

func (s *session) ask(challenge string) (string, error) {
	if err := s.say("334 %s", base64.StdEncoding.EncodeToString([]byte(challenge))); err != nil {
		return "", err
	}
	line, err := s.r.ReadString('\n')
	s.note(strings.TrimRight(line, "\r\n"))
	return unbase64(strings.TrimRight(line, "\r\n")), err
}

func unbase64(s string) string {
	b, _ := base64.StdEncoding.DecodeString(s)
	return string(b)
}
