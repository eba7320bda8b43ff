package table

import (
	"fmt"
	"reflect"
)

// Struct is a pointer to a struct for reading and writing settings files. It has a field for each row, in order, with the row's value
// and with the row's key as its YAML name. Texts are as write makes them of the values.
func Struct(rows []Row, write func(string) string) any {
	fields := make([]reflect.StructField, len(rows))
	for i, r := range rows {
		tag := reflect.StructTag(fmt.Sprintf("yaml:%q", r.Key))
		fields[i] = reflect.StructField{Name: fmt.Sprintf("S%d", i), Type: reflect.TypeOf(r.Default), Tag: tag}
	}
	s := reflect.New(reflect.StructOf(fields))
	for i, r := range rows {
		s.Elem().Field(i).Set(reflect.ValueOf(texts(r.Value(), write)))
	}
	return s.Interface()
}

// Take sets every row to the value of its field in s, which Struct has made from the same rows; read undoes write.
func Take(rows []Row, s any, read func(string) string) {
	v := reflect.ValueOf(s).Elem()
	for i, r := range rows {
		r.Set(texts(v.Field(i).Interface(), read))
	}
}

// texts is v, changed where it is a text.
func texts(v any, change func(string) string) any {
	if s, ok := v.(string); ok {
		return change(s)
	}
	return v
}
