package courier

import "time"

// What a stranger's server may say. RFC 5321 4.5.3.1.5 has 512 octets for a reply line;
// four times that is generous. A hundred lines is more than any EHLO or policy text.
const (
	maxReplyLine  = 2048
	maxReplyLines = 100
	// maxResponse is what is kept of an answer, after escaping.
	maxResponse = 1024
)

// What an address may be: RFC 5321 4.5.3.1.1 to 4.5.3.1.3.
const (
	maxLocal  = 64
	maxDomain = 255
	maxPath   = 254 // 256 with its angle brackets
	maxLabel  = 63
)

// maxLine is the longest line of a letter, without CRLF (RFC 5322 2.1.1).
const maxLine = 998

// How far a stranger's DNS may lead us.
const (
	maxHosts     = 5  // MX hosts tried, best first (RFC 5321 5.1 asks for two at least)
	maxAddresses = 10 // connections tried for one letter
)

// What we keep between letters: the relay's connections, and for a moment those to MX
// hosts for which more letters wait.
const (
	maxIdle        = 32               // connections, of both kinds
	idleTime       = 10 * time.Second // how long one waits for the next letter
	maxLettersConn = 100              // letters over one connection, as Exim and Exchange allow
	idleTimeMX     = 2 * time.Second  // a stranger's server has better uses; Postfix keeps as long
	maxLettersMX   = 20               // what even careful servers take over one connection
	probeTime      = 5 * time.Second  // for the answer to RSET: a dead connection must not hold up a letter
)

// chunk is how much of a letter is written under one DataBlock timeout.
const chunk = 64 << 10

// Timeouts of an attempt. Those of RFC 5321 4.5.3.2 are minimums there, so defaults here;
// each is for the whole answer, so a server that sends a byte a minute gains nothing.
type Timeouts struct {
	Connect   time.Duration // TCP; and again for a TLS handshake
	Greeting  time.Duration // 4.5.3.2.1, also for EHLO, STARTTLS, AUTH, RSET
	Mail      time.Duration // 4.5.3.2.2
	Rcpt      time.Duration // 4.5.3.2.3
	DataStart time.Duration // 4.5.3.2.4, from DATA to 354
	DataBlock time.Duration // 4.5.3.2.5, for each 64 KB
	DataEnd   time.Duration // 4.5.3.2.6, from the final dot to the answer
	Quit      time.Duration // the letter has been taken by then: courtesy only
	Session   time.Duration // the whole attempt, all servers together
}

// The defaults.
const (
	ConnectTimeout   = 30 * time.Second
	GreetingTimeout  = 5 * time.Minute
	MailTimeout      = 5 * time.Minute
	RcptTimeout      = 5 * time.Minute
	DataStartTimeout = 2 * time.Minute
	DataBlockTimeout = 3 * time.Minute
	DataEndTimeout   = 10 * time.Minute
	QuitTimeout      = 2 * time.Second
	SessionTimeout   = 30 * time.Minute
)

func (t Timeouts) connect() time.Duration   { return either(t.Connect, ConnectTimeout) }
func (t Timeouts) greeting() time.Duration  { return either(t.Greeting, GreetingTimeout) }
func (t Timeouts) mail() time.Duration      { return either(t.Mail, MailTimeout) }
func (t Timeouts) rcpt() time.Duration      { return either(t.Rcpt, RcptTimeout) }
func (t Timeouts) dataStart() time.Duration { return either(t.DataStart, DataStartTimeout) }
func (t Timeouts) dataBlock() time.Duration { return either(t.DataBlock, DataBlockTimeout) }
func (t Timeouts) dataEnd() time.Duration   { return either(t.DataEnd, DataEndTimeout) }
func (t Timeouts) quit() time.Duration      { return either(t.Quit, QuitTimeout) }
func (t Timeouts) session() time.Duration   { return either(t.Session, SessionTimeout) }

func either(set, standard time.Duration) time.Duration {
	if set > 0 {
		return set
	}
	return standard
}
