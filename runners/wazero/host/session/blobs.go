package session

import (
	"container/list"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"

	"wasm-matrix/host/engine"
)

// file is a file that the host names, by content.
type file struct {
	SHA256 *string
	Path   *string
}

// data is bytes as a script writes them.
type data struct {
	Base64 *string
	file
}

// read gives the content. Errors: phase script, or fetch where it cannot be read or is not what its hash says.
func (f file) read() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(*f.Path)
	if err != nil {
		return nil, engine.Errorf("fetch", "%v", err)
	}
	sum := sha256.Sum256(content)
	if found := hex.EncodeToString(sum[:]); found != *f.SHA256 {
		return nil, &engine.Error{Phase: "fetch", Name: "hash", Message: *f.Path + " has the hash " + found + ", not " + *f.SHA256}
	}
	return content, nil
}

func (f file) check() error {
	if f.SHA256 == nil || f.Path == nil {
		return malformed("sha256 and path are wanted")
	}
	return nil
}

func inline(text string) ([]byte, error) {
	content, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, malformed("not base64: %v", err)
	}
	return content, nil
}

// kept is what was used last, by key, up to limit bytes in all (what is larger than that alone is not kept).
type kept[T any] struct {
	limit, size int
	order       *list.List // of entry[T], the last used in front
	items       map[string]*list.Element
	drop        func(T)
}

type entry[T any] struct {
	key  string
	item T
	size int
}

func keep[T any](limit int, drop func(T)) *kept[T] {
	return &kept[T]{limit: limit, order: list.New(), items: map[string]*list.Element{}, drop: drop}
}

// get gives the item of key, given by read where there is none: the item, and its bytes.
func (k *kept[T]) get(key string, read func() (T, int, error)) (T, error) {
	if element, known := k.items[key]; known {
		k.order.MoveToFront(element)
		return element.Value.(entry[T]).item, nil
	}
	item, size, err := read()
	if err != nil {
		return item, err
	}
	if size > k.limit {
		k.drop(item)
		return item, nil
	}
	k.items[key] = k.order.PushFront(entry[T]{key, item, size})
	for k.size += size; k.size > k.limit; {
		last := k.order.Remove(k.order.Back()).(entry[T])
		delete(k.items, last.key)
		k.size -= last.size
		k.drop(last.item)
	}
	return item, nil
}
