package templates

import "time"

// Invitation is a letter that asks someone to join a project's team. Its link works once, for that address only.
type Invitation struct {
	Theme   Theme
	To      string // the address invited
	Inviter string // name of the member who invites; empty leaves it out
	Role    string // owner, admin, member or viewer
	URL     string
	Expires time.Time // zero leaves it out
}

// Render gives the letter as plain text and as an HTML document.
func (l Invitation) Render() (text, html string, err error) {
	l.Theme = l.Theme.complete()
	return letter("invitation", l)
}

// Subject is a Subject for the letter, one clean line.
func (l Invitation) Subject() string { return "Join " + l.Theme.complete().Name + " on Aside" }

// Opening says who invites to what.
func (l Invitation) Opening() string {
	if who := line(l.Inviter); who != "" {
		return who + " invites you to join the team of " + l.Theme.Name + "."
	}
	return "You are invited to join the team of " + l.Theme.Name + "."
}

// Can says what the role lets one do.
func (l Invitation) Can() string {
	switch l.Role {
	case "owner":
		return "As an owner you can do everything, including handing the project over."
	case "admin":
		return "As an admin you can answer customers, run side conversations and change the project’s settings."
	case "member":
		return "As a member you can answer customers and run side conversations."
	case "viewer":
		return "As a viewer you can read everything and change nothing."
	}
	return ""
}
