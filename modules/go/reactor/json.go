package main

import (
	"bytes"
	"encoding/json/jsontext"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// stats is what json_stats reports, laid out as modules/README.md says: 56 bytes.
type stats struct {
	objects, arrays, strings, numbers, trues, falses, nulls, deepest uint32

	codePoints uint64
	integers   int64
	floats     float64
}

// jsonStats counts what is in a document. It gives 0, or 1 for a document that RFC 8259 refuses.
//
// jsontext is also strict where the RFC only warns, on escaped lone surrogates; the names in an object may repeat.
//
//go:wasmexport json_stats
func jsonStats(document *byte, length uint32, out *[56]byte) uint32 {
	text := bytes.NewReader(unsafe.Slice(document, length))
	decoder := jsontext.NewDecoder(text, jsontext.AllowDuplicateNames(true))
	counted := (*stats)(unsafe.Pointer(out))
	*counted = stats{}
	for {
		token, err := decoder.ReadToken()
		_, documents := decoder.StackIndex(0)
		switch {
		case err == io.EOF && documents == 1:
			return 0
		case err != nil || documents > 1: // The decoder reads a stream, where another document may follow.
			return 1
		}
		kind, members := decoder.StackIndex(decoder.StackDepth())
		isName := kind == '{' && members%2 == 1
		counted.add(token, isName, uint32(decoder.StackDepth()))
	}
}

// add counts a token that left the decoder at the given depth.
func (s *stats) add(token jsontext.Token, isName bool, depth uint32) {
	switch token.Kind() {
	case '{':
		s.objects++
		s.deepest = max(s.deepest, depth)
	case '[':
		s.arrays++
		s.deepest = max(s.deepest, depth)
	case '"':
		s.codePoints += uint64(utf8.RuneCountInString(token.String()))
		if !isName {
			s.strings++
		}
	case '0':
		s.addNumber(token.String())
	case 't':
		s.trues++
	case 'f':
		s.falses++
	case 'n':
		s.nulls++
	}
}

// addNumber adds a number, as written, to the sum of its kind. Past the range of float64 it is an infinity.
func (s *stats) addNumber(written string) {
	s.numbers++
	if strings.ContainsAny(written, ".eE") {
		value, _ := strconv.ParseFloat(written, 64)
		s.floats += value
		return
	}
	value, _ := strconv.ParseInt(written, 10, 64)
	s.integers += value
}
