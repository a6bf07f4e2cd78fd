package main

import (
	"crypto/rand"
	"encoding/hex"
)

// random prints 32 random bytes in hex, twice.
func random([]string) error {
	var bytes [2][32]byte
	lines := make([]string, len(bytes))
	for i := range bytes {
		rand.Read(bytes[i][:]) // Never returns an error: it ends the program instead.
		lines[i] = hex.EncodeToString(bytes[i][:])
	}
	return printLines(lines)
}
