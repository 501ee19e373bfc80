package test

import (
	"reflect"
	"slices"
)

// routes are all routes the router has, as "METHOD /path", sorted. PocketBase keeps them to itself, so they are read by reflection.
func (a *App) routes() (list []string) {
	var walk func(group reflect.Value, prefix string)
	walk = func(group reflect.Value, prefix string) {
		children := group.FieldByName("children")
		for i := range children.Len() {
			child := children.Index(i).Elem().Elem()
			if child.FieldByName("children").IsValid() {
				walk(child, prefix+child.FieldByName("Prefix").String())
				continue
			}
			list = append(list, child.FieldByName("Method").String()+" "+prefix+child.FieldByName("Path").String())
		}
	}
	walk(reflect.ValueOf(a.router.RouterGroup).Elem(), "")
	slices.Sort(list)
	return slices.Compact(list)
}
