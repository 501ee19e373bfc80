package hooks

// operation is one thing the API can do, as docs/openapi.json describes it.
type operation struct {
	route   string // as the router has it
	id, tag string
	summary string
	query   []string // parameters of the address, each "name: what it is"
	body    []string // fields, each "name type", "!" when required; types are those of typeOf
	files   bool     // may be sent as multipart with attachments
	key     bool     // takes an Idempotency-Key
	status  int      // of success
	answer  any      // a collection's name for its record, a schema, or nil for nothing
	open    bool     // needs no sign-in
	media   string   // of the answer, when it is no JSON
}

// object is a JSON schema with properties, "name type" each; a type followed by [] is a list of it.
type object []string

// operations are Aside's own routes beside the records API. A test holds it against the router: a route that is not here fails.
var operations = []operation{
	{route: "GET /api/aside/status", id: "status", tag: "Server", summary: "What works, and whether the first account is still to be made", status: 200, open: true,
		answer: object{"name string!", "mailDomain string!", "publicURL string!", "problems string[]!", "setup boolean!", "setupOpen boolean", "setupCode boolean"}},
	{route: "POST /api/aside/setup", id: "setUp", tag: "Server", summary: "Make the first account, its project and the operator's account; works once", body: []string{"name string!", "email string!", "password string!", "project string!", "code string"}, status: 200, open: true, answer: object{"user string!", "project string!"}},
	{route: "GET /healthz", id: "health", tag: "Server", summary: "200 when the database answers and the SMTP door is up", status: 200, open: true, answer: object{"database boolean!", "smtp string"}},
	{route: "GET /api/aside/doctor", id: "doctor", tag: "Server", summary: "Examine mail and DNS, as `aside doctor` does", query: []string{"project: a project one manages"}, status: 200, answer: object{"domain string!", "checks any[]!", "zone string[]!"}},
	{route: "GET /metrics", id: "metrics", tag: "Server", summary: "Prometheus text, for the operator's token", status: 200, answer: "", media: "text/plain"},
	{route: "GET /api/openapi.json", id: "openapi", tag: "Server", summary: "This description", status: 200, open: true, answer: object{"openapi string!", "info any!", "paths any!"}},

	{route: "GET /api/inbox", id: "inbox", tag: "Items", summary: "One page of a view, newest activity first, with the counters of all views", query: []string{"project: only this project", "view: inbox, mine, unassigned, waiting, answered, resolved or all", "q: words to search for", "cursor: next of the page before", "limit: at most 200"}, status: 200,
		answer: object{"items any[]!", "next string!", "counters any!"}},
	{route: "GET /api/items/{id}", id: "item", tag: "Items", summary: "An item with its customer thread, notes, side conversations and log", status: 200, answer: object{"item any!", "assigneeName string!", "project any!", "team any[]!", "customerMessages any[]!", "notes any[]!", "conversations any[]!", "activity any[]!", "notifications any[]!"}},
	{route: "POST /api/feedback/{slug}", id: "giveFeedback", tag: "Items", summary: "New feedback from a form or another system", body: []string{"message string!", "category string", "name string", "email string", "context any"}, key: true, status: 200, open: true, answer: object{"id string!", "number integer!", "status string!"}},
	{route: "GET /api/search-people", id: "searchPeople", tag: "Items", summary: "Complete an address from those the project has written to", query: []string{"project: the project", "q: the beginning of a name or address"}, status: 200, answer: object{"items any[]!"}},

	{route: "POST /api/side-conversations", id: "startSideConversation", tag: "Side conversations", summary: "Write to people outside about an item, in private", body: []string{"feedback string!", "to string[]!", "subject string!", "message string!", "includeContext boolean", "hideSubmitter boolean", "sharePortal boolean", "confirmSubmitter boolean", "confirmBounced boolean"}, files: true, key: true, status: 200, answer: "side_conversations"},
	{route: "POST /api/side-conversations/preview", id: "previewSideConversation", tag: "Side conversations", summary: "The letter exactly as it would be sent", body: []string{"feedback string!", "to string[]", "subject string", "message string", "includeContext boolean", "hideSubmitter boolean", "sharePortal boolean"}, status: 200, answer: object{"subject string!", "text string!", "html string!", "portal string"}},
	{route: "POST /api/side-conversations/{id}/preview", id: "previewFollowUp", tag: "Side conversations", summary: "A follow-up exactly as it would be sent", body: []string{"message string!"}, status: 200, answer: object{"subject string!", "text string!", "html string!", "portal string"}},
	{route: "POST /api/side-conversations/{id}/renew-url", id: "renewConversationURL", tag: "Side conversations", summary: "A new shared link; the old one stops at once", status: 200, answer: object{"url string!"}},
	{route: "GET /api/side-conversations/{id}/url", id: "conversationURL", tag: "Side conversations", summary: "The conversation's shared link", status: 200, answer: object{"url string!"}},
	{route: "POST /api/side-conversations/{id}/participants", id: "addParticipants", tag: "Side conversations", summary: "Put more people on it; they are told with the next message", body: []string{"to string[]!", "confirmSubmitter boolean", "confirmBounced boolean"}, status: 200, answer: object{"items any[]!"}},
	{route: "DELETE /api/side-conversations/{id}/participants/{pid}", id: "removeParticipant", tag: "Side conversations", summary: "Take somebody off; their address and link stop at once", status: 204},
	{route: "POST /api/side-conversations/{id}/participants/{pid}/renew-link", id: "renewLink", tag: "Side conversations", summary: "A new reply address and portal link; the old ones stop at once", status: 200, answer: "participants"},
	{route: "POST /api/side-messages/{id}/accept", id: "acceptMessage", tag: "Side conversations", summary: "Show a doubtful answer to everybody on the conversation", body: []string{"as message|participant|alias", "confirmSubmitter boolean"}, status: 200, answer: "side_messages"},
	{route: "POST /api/side-messages/{id}/undo", id: "undoMessage", tag: "Side conversations", summary: "Take back one's own message while none of it has left", status: 200, answer: object{"conversation string!", "feedback string!", "subject string!", "body string!", "to string[]!", "sharePortal boolean!"}},
	{route: "GET /api/side-messages/{id}/body", id: "sideMessageBody", tag: "Letters", summary: "A message as a page for a sandboxed frame", query: []string{"token: a file token", "part: quoted for what was quoted"}, status: 200, media: "text/html", answer: ""},
	{route: "GET /api/side-messages/{id}/raw", id: "sideMessageRaw", tag: "Letters", summary: "The letter as it came", query: []string{"token: a file token"}, status: 200, media: "message/rfc822", answer: ""},
	{route: "GET /api/side-messages/{id}/trace", id: "sideMessageTrace", tag: "Letters", summary: "Why it is here: envelope, checks, decision", status: 200, answer: trace},
	{route: "GET /api/customer-messages/{id}/body", id: "customerMessageBody", tag: "Letters", summary: "A customer's message as a page for a sandboxed frame", query: []string{"token: a file token", "part: quoted for what was quoted"}, status: 200, media: "text/html", answer: ""},
	{route: "GET /api/customer-messages/{id}/raw", id: "customerMessageRaw", tag: "Letters", summary: "The customer's letter as it came", query: []string{"token: a file token"}, status: 200, media: "message/rfc822", answer: ""},
	{route: "GET /api/customer-messages/{id}/trace", id: "customerMessageTrace", tag: "Letters", summary: "Why it is here", status: 200, answer: trace},

	{route: "GET /api/held-mail", id: "heldMail", tag: "Held mail", summary: "Letters that wait for a decision", query: []string{"project: the project"}, status: 200, answer: object{"items any[]!"}},
	{route: "POST /api/held-mail/{id}/release", id: "releaseHeldMail", tag: "Held mail", summary: "Put a held letter into a conversation", body: []string{"conversation string"}, status: 200, answer: "side_messages"},
	{route: "DELETE /api/held-mail/{id}", id: "deleteHeldMail", tag: "Held mail", summary: "Throw a held letter away", status: 204},
	{route: "GET /api/held-mail/{id}/raw", id: "heldMailRaw", tag: "Held mail", summary: "The held letter as it came", query: []string{"token: a file token"}, status: 200, media: "message/rfc822", answer: ""},
	{route: "GET /api/held-mail/{id}/trace", id: "heldMailTrace", tag: "Held mail", summary: "Why it is held", status: 200, answer: trace},

	{route: "GET /api/notifications", id: "notifications", tag: "Notifications", summary: "One's own, newest first", query: []string{"unread: 1 for the unread alone"}, status: 200, answer: object{"items any[]!", "unread integer!"}},
	{route: "POST /api/notifications/read", id: "readNotifications", tag: "Notifications", summary: "Mark one's own as read", body: []string{"ids string[]", "feedback string", "all boolean"}, status: 204},

	{route: "POST /api/projects/{id}/invitations", id: "invite", tag: "People", summary: "Ask somebody to join, by email", body: []string{"email string!", "role admin|member|viewer!"}, status: 200, answer: "invitations"},
	{route: "POST /api/invitations/{id}/resend", id: "resendInvitation", tag: "People", summary: "Send it again with a new link; the old one stops", status: 200, answer: "invitations"},
	{route: "DELETE /api/invitations/{id}", id: "withdrawInvitation", tag: "People", summary: "Take an invitation back", status: 204},
	{route: "POST /api/invitations/open", id: "openInvitation", tag: "People", summary: "What an invitation's link is for", body: []string{"token string!"}, status: 200, open: true, answer: object{"project string!", "email string!", "role string!", "account boolean!"}},
	{route: "POST /api/invitations/accept", id: "acceptInvitation", tag: "People", summary: "Join, with a new account or signed in with the address invited", body: []string{"token string!", "name string", "password string"}, status: 200, open: true, answer: object{"project string!", "email string!"}},
	{route: "POST /api/projects/{id}/api-keys", id: "makeKey", tag: "People", summary: "Make a key for a machine; it is shown this once. People only", body: []string{"name string!", "role owner|admin|member|viewer!"}, status: 200, answer: object{"id string!", "name string!", "role string!", "hint string!", "key string!"}},
	{route: "GET /api/projects/{id}/retention", id: "retention", tag: "Privacy", summary: "What the next nightly run deletes: closed items on which nothing has happened for so many days", query: []string{"days: for another setting than the present one"}, status: 200, answer: object{"days integer!", "at string!", "count integer!", "items any[]!", "limit integer!"}},
	{route: "POST /api/projects/{id}/person", id: "person", tag: "Privacy", summary: "What a project has of somebody, in numbers: what erasing them will change", body: []string{"email string!"}, status: 200, answer: object{"email string!", "addresses string[]!", "names any[]!", "account any", "counts any!", "words string[]!"}},
	{route: "POST /api/projects/{id}/person/export", id: "exportPerson", tag: "Privacy", summary: "Everything a project has of somebody, as a zip: an index, rows as JSON, letters and files", body: []string{"email string!"}, status: 200, answer: "", media: "application/zip"},
	{route: "POST /api/projects/{id}/person/erase", id: "erasePerson", tag: "Privacy", summary: "Erase somebody: a pseudonym stays, and the fact. names are those of theirs to take out of the texts of others; confirm is “erase ADDRESS”", body: []string{"email string!", "names string[]", "confirm string!"}, status: 200, answer: "privacy_log"},
	{route: "POST /api/aside/person", id: "personEverywhere", tag: "Privacy", summary: "What every project, and the server itself, has of somebody. For the operator's token", body: []string{"email string!"}, status: 200, answer: object{"email string!", "account any", "held integer!", "projects any[]!", "words string[]!"}},
	{route: "POST /api/aside/person/erase", id: "erasePersonEverywhere", tag: "Privacy", summary: "Erase somebody from every project, with their account. For the operator's token", body: []string{"email string!", "names string[]", "confirm string!"}, status: 200, answer: object{"items any[]!"}},
	{route: "DELETE /api/api-keys/{id}", id: "revokeKey", tag: "People", summary: "Revoke a key at once. People only", status: 204},
}

var trace = object{"checks any[]!", "decision string!"}

// recordBodies are the fields a person gives where the records API creates and updates; the server sets the rest.
var recordBodies = map[string]struct{ create, update []string }{
	"projects":           {create: []string{"name string!", "slug string", "senderName string", "signature string"}, update: []string{"name string", "senderName string", "signature string", "sideConversations boolean", "reopenOnReply boolean", "unverifiedReplies accept|hold", "linkDays integer", "heldDays integer", "retentionDays integer", "portalColor string", "portalWelcome string"}},
	"members":            {create: []string{"project string!", "user string!", "role owner|admin|member|viewer!"}, update: []string{"role owner|admin|member|viewer!"}},
	"feedback":           {create: []string{"project string!", "message string!", "category bug|feature_request|question|other!", "submitterName string", "submitterEmail string"}, update: []string{"status new|in_progress|resolved|archived", "assignee string", "followers+ string", "followers- string"}},
	"customer_messages":  {create: []string{"feedback string!", "body string!", "confirmBounced boolean"}},
	"notes":              {create: []string{"feedback string!", "body string!"}},
	"side_conversations": {update: []string{"status open|closed!"}},
	"side_messages":      {create: []string{"conversation string!", "body string!", "confirmSubmitter boolean", "confirmBounced boolean"}},
	"notifications":      {update: []string{"read boolean!"}},
	"users":              {update: []string{"name string", "muteApp boolean", "muteEmail boolean", "timezone string", "language string"}},
}
