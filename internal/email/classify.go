package email

func (m *Message) classify(leaves []leaf) { m.Kind = KindReply }
