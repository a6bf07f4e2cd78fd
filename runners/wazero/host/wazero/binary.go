package wazero

import (
	"encoding/binary"

	"wasm-matrix/host/engine"
)

// The kinds of what is imported and exported.
const (
	kindFunction byte = iota
	kindTable
	kindMemory
	kindGlobal
	kindTag
)

const (
	sectionType   = 1
	sectionImport = 2
	sectionFunc   = 3
	sectionMemory = 5
	sectionExport = 7
	sectionCode   = 10
)

// imported is one entry of an import section; description is what follows the names, as bytes.
type imported struct {
	name        engine.Name
	description []byte
}

// wasmBinary is what linking needs of a module's bytes, and wazero's API does not tell.
type wasmBinary struct {
	types   []byte // the type section's content
	imports []imported
	exports []string
}

// reader takes a valid module apart: wazero has compiled it.
type reader struct {
	data []byte
	at   int
}

func (r *reader) byte() byte {
	r.at++
	return r.data[r.at-1]
}

func (r *reader) number() uint64 {
	value, size := binary.Uvarint(r.data[r.at:])
	r.at += size
	return value
}

func (r *reader) bytes() []byte {
	size := int(r.number())
	r.at += size
	return r.data[r.at-size : r.at]
}

func parse(wasm []byte) wasmBinary {
	var module wasmBinary
	sections := reader{wasm, 8}
	for sections.at < len(wasm) {
		kind, content := sections.byte(), sections.bytes()
		switch kind {
		case sectionType:
			module.types = content
		case sectionImport:
			entries := reader{content, 0}
			for count := entries.number(); count > 0; count-- {
				module.imports = append(module.imports, entries.imported())
			}
		case sectionExport:
			entries := reader{content, 0}
			for count := entries.number(); count > 0; count-- {
				module.exports = append(module.exports, string(entries.bytes()))
				entries.byte()
				entries.number()
			}
		}
	}
	return module
}

func (r *reader) imported() imported {
	name := engine.Name{Module: string(r.bytes()), Field: string(r.bytes())}
	start := r.at
	switch r.byte() {
	case kindFunction:
		r.number()
	case kindTable:
		r.valueType()
		r.limits()
	case kindMemory:
		r.limits()
	case kindGlobal:
		r.valueType()
		r.byte()
	case kindTag:
		r.byte()
		r.number()
	}
	return imported{name, r.data[start:r.at]}
}

func (r *reader) valueType() {
	if kind := r.byte(); kind == 0x63 || kind == 0x64 { // (ref null ht), (ref ht)
		r.number()
	}
}

func (r *reader) limits() {
	flags := r.byte()
	r.number()
	if flags&1 != 0 {
		r.number()
	}
}

// writer puts a module together.
type writer []byte

func newWriter() writer { return writer("\x00asm\x01\x00\x00\x00") }

func (w *writer) number(value uint64) { *w = binary.AppendUvarint(*w, value) }

func (w *writer) bytes(content []byte) {
	w.number(uint64(len(content)))
	*w = append(*w, content...)
}

func (w *writer) section(kind byte, content writer) {
	*w = append(*w, kind)
	w.bytes(content)
}

// vector writes entries that are bytes already.
func (w *writer) vector(kind byte, entries ...writer) {
	var content writer
	content.number(uint64(len(entries)))
	for _, entry := range entries {
		content = append(content, entry...)
	}
	w.section(kind, content)
}

func importEntry(module, field string, description []byte) writer {
	var entry writer
	entry.bytes([]byte(module))
	entry.bytes([]byte(field))
	return append(entry, description...)
}

func exportEntry(name string, kind byte, index uint64) writer {
	var entry writer
	entry.bytes([]byte(name))
	entry = append(entry, kind)
	entry.number(index)
	return entry
}
