package wazero

import (
	"bytes"

	"github.com/tetratelabs/wazero/api"

	"wasm-matrix/host/engine"
)

// memory is a linear memory, and where it may be imported from.
type memory struct {
	export
	linear api.Memory
}

// Pages implements engine.Memory: api.Memory's Size is 0 for one of 4 GiB.
func (m *memory) Pages() uint64 {
	pages, _ := m.linear.Grow(0)
	return uint64(pages)
}

// check tells whether the bytes lie in the memory.
func (m *memory) check(address, length uint64) error {
	if size := m.Pages() * engine.PageSize; address > size || length > size-address {
		return engine.Errorf("memory", "%d bytes at %d are not within the memory's %d", length, address, size)
	}
	return nil
}

// Read implements engine.Memory.
func (m *memory) Read(address, length uint64) ([]byte, error) {
	if err := m.check(address, length); err != nil {
		return nil, err
	}
	if length == 0 {
		return nil, nil
	}
	view, _ := m.linear.Read(uint32(address), uint32(length))
	return bytes.Clone(view), nil
}

// Write implements engine.Memory.
func (m *memory) Write(address uint64, data []byte) error {
	if err := m.check(address, uint64(len(data))); err != nil {
		return err
	}
	if len(data) > 0 {
		m.linear.Write(uint32(address), data)
	}
	return nil
}
