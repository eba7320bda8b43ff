package table

import (
	"fmt"
	"reflect"
)

// Struct is a pointer to a struct with a field for each row, in their order, that holds the row's value and has the row's key as its
// YAML name: what reads and writes settings files.
func Struct(rows []Row) any {
	fields := make([]reflect.StructField, len(rows))
	for i, r := range rows {
		tag := reflect.StructTag(fmt.Sprintf("yaml:%q", r.Key))
		fields[i] = reflect.StructField{Name: fmt.Sprintf("S%d", i), Type: reflect.TypeOf(r.Default), Tag: tag}
	}
	s := reflect.New(reflect.StructOf(fields))
	for i, r := range rows {
		s.Elem().Field(i).Set(reflect.ValueOf(r.Value()))
	}
	return s.Interface()
}

// Take gives every row the value that its field of s, which Struct has made of the same rows, now holds.
func Take(rows []Row, s any) {
	v := reflect.ValueOf(s).Elem()
	for i, r := range rows {
		r.Set(v.Field(i).Interface())
	}
}
