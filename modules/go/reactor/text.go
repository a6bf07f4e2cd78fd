package main

import (
	"unicode/utf8"
	"unsafe"
)

// reverseText writes text's code points to out in reverse order.
//
// It gives their number, or -1 when text is not valid UTF-8; out is untouched then.
//
//go:wasmexport reverse_text
func reverseText(text *byte, length uint32, out *byte) int32 {
	source, target := unsafe.Slice(text, length), unsafe.Slice(out, length)[:0]
	if !utf8.Valid(source) {
		return -1
	}
	count := int32(0)
	for len(source) > 0 {
		char, size := utf8.DecodeLastRune(source)
		target = utf8.AppendRune(target, char)
		source = source[:len(source)-size]
		count++
	}
	return count
}
