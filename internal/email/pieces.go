package email

import "strings"

// pieces gathers the readable leaves in order, each with the multipart/alternative it is in.
type pieces struct {
	list   []Piece
	either []int
}

func (p *pieces) add(either int, piece Piece) {
	p.list, p.either = append(p.list, piece), append(p.either, either)
}

// whole is what a reader of text must see when the plain text alone would leave words out: a list's footer below HTML, a sentence in
// HTML behind a picture. HTML counts where its multipart/alternative, if it is in one, offers no text in its stead (RFC 8621 4.1.4).
// Nil when there is no such HTML, or no text beside it.
func (p *pieces) whole() []Piece {
	offered := make(map[int]bool)
	texts, alone := 0, 0
	for i, piece := range p.list {
		if strings.TrimSpace(piece.Text) != "" {
			texts++
			offered[p.either[i]] = p.either[i] != 0
		}
	}
	var all []Piece
	for i, piece := range p.list {
		switch {
		case strings.TrimSpace(piece.Text) != "":
			all = append(all, piece)
		case strings.TrimSpace(piece.HTML) != "" && !offered[p.either[i]]:
			all = append(all, piece)
			alone++
		}
	}
	if texts == 0 || alone == 0 {
		return nil
	}
	return all
}
