package templates

import (
	"crypto/sha256"
	"encoding/base64"
)

// PortalStyleHash is the CSP source of the pages' one inline stylesheet: 'sha256-…' with its quotes (CSP Level 3, section 2.3.1).
var PortalStyleHash = styleHash(portalStyle)

// PortalCSP is the whole Content-Security-Policy of every page of this package: the stylesheet by its hash, pictures of the same
// letter from our own files, forms to ourselves, and nothing else.
var PortalCSP = "default-src 'none'; style-src " + PortalStyleHash +
	"; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func styleHash(css string) string {
	sum := sha256.Sum256([]byte(css))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
