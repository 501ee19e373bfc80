package statement

import "database/sql/driver"

// wideRows are rows with everything database/sql may ask of them.
type wideRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// rows give their statement back when they are closed.
type rows struct {
	wideRows
	of *prepared
}

func (r *rows) Close() error {
	r.of.busy = false
	return r.wideRows.Close()
}
