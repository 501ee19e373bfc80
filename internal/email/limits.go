package email

// The structural budget of threats.md 2.0: generous to every real mailer, small enough that a letter of 25 MiB
// cannot cost more than its bytes.
const (
	MaxParts       = 500       // leaves and containers together
	MaxDepth       = 20        // multiparts inside one another
	MaxHeaderBytes = 256 << 10 // one header block
	MaxFields      = 500       // fields of one header block
	MaxReferences  = 50        // ids kept of References, the newest

	maxAddresses  = 1000 // kept of one list; 256 KiB could hold 40,000
	maxNameBytes  = 255  // of a file name: what file systems take
	maxIDBytes    = 998  // of a Message-ID: an RFC 5322 line
	maxValueBytes = 4096 // of a decoded subject or display name; nothing shown needs more
	maxDiagnostic = 1024 // bytes kept of a far server's words (threats W-06)
	maxRecipients = 100  // of one report
	maxSniff      = 64 << 10
	maxPieces     = 1 << 20 // of text that is read piece by piece with the HTML between; as much as is read of HTML

	// maxHTML is how many bytes of HTML are read in one letter, all its parts together: ten times what Gmail shows of one. Folding and
	// cleaning take up to forty times a hostile letter's bytes in memory (PF-9). The rest is in the original.
	maxHTML = 1 << 20
)
