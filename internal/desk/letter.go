package desk

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// KeepLetter stores a letter's bytes under the id of the record it belongs to, in the same transaction.
func KeepLetter(tx core.App, id string, raw []byte) error {
	_, err := writer(tx).Exec("INSERT INTO letters (id, raw) VALUES (?, ?)", id, raw)
	return err
}

// Letter reads the bytes kept under a record's id.
func Letter(app core.App, id string) (raw []byte, err error) {
	if err := app.DB().Select("raw").From("letters").Where(dbx.HashExp{"id": id}).Row(&raw); err != nil {
		return nil, ErrNotFound
	}
	return raw, nil
}
