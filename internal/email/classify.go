package email

// classify decides what wrote the letter. Structure is believed before prose, and prose before single headers.
func (m *Message) classify(leaves []leaf) {
	if m.Kind = m.readReport(leaves); m.Kind != "" {
		return
	}
	if m.Kind = m.readWildBounce(leaves); m.Kind != "" {
		return
	}
	if m.Kind = KindReply; m.isAutomatic() {
		m.Kind = KindAutoReply
	}
}
