package session

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"wasm-matrix/host/engine"
)

// grant is what WASI is given, as a script writes it.
type grant struct {
	Args     []string
	Env      map[string]string
	Stdin    *data
	Preopens []preopen
}

type preopen struct {
	Guest   *string
	Entries []folderEntry
}

type folderEntry struct {
	Path      string
	Data      *data
	Directory bool
	Symlink   *string
}

// make fills a folder for each preopen. Errors: phase script, or fetch for its data.
func (g grant) make(folder func() (string, error), read func(*data) ([]byte, error)) (engine.Grant, error) {
	made := engine.Grant{Args: g.Args, Env: g.Env}
	texts := slices.Clone(g.Args)
	for name, content := range g.Env {
		texts = append(texts, name, content)
	}
	for _, text := range texts {
		if strings.Contains(text, "\x00") {
			return made, malformed("a NUL in an argument or a variable: %q", text)
		}
	}
	if g.Stdin != nil {
		stdin, err := read(g.Stdin)
		if err != nil {
			return made, err
		}
		made.Stdin = stdin
	}
	for _, one := range g.Preopens {
		if one.Guest == nil || strings.Contains(*one.Guest, "\x00") {
			return made, malformed("a preopen has a guest path")
		}
		root, err := folder()
		if err != nil {
			return made, err
		}
		if err := fill(root, one.Entries, read); err != nil {
			return made, err
		}
		made.Preopens = append(made.Preopens, engine.Preopen{Guest: *one.Guest, Path: root})
	}
	return made, nil
}

// fill makes the entries within root: os.Root lets nothing out, not by .. and not by a link.
func fill(root string, entries []folderEntry, read func(*data) ([]byte, error)) error {
	opened, err := os.OpenRoot(root)
	if err != nil {
		return malformed("%v", err)
	}
	defer opened.Close()
	for _, one := range entries {
		if err := put(opened, one, read); err != nil {
			return err
		}
	}
	return nil
}

func put(root *os.Root, one folderEntry, read func(*data) ([]byte, error)) error {
	if !filepath.IsLocal(one.Path) {
		return malformed("not a path within its folder: %q", one.Path)
	}
	err := root.MkdirAll(path.Dir(one.Path), 0o777)
	switch {
	case err != nil:
	case one.Directory:
		err = root.MkdirAll(one.Path, 0o777)
	case one.Symlink != nil:
		err = root.Symlink(*one.Symlink, one.Path)
	default:
		content, failed := read(one.Data)
		if failed != nil {
			return failed
		}
		err = root.WriteFile(one.Path, content, 0o666)
	}
	if err != nil {
		return malformed("the folder cannot be filled: %v", err)
	}
	return nil
}

// collect reads the guest's file; nil where there is none. A link out of its folder is none.
func collect(granted engine.Grant, guest string) []byte {
	preopens := slices.Clone(granted.Preopens)
	slices.SortStableFunc(preopens, func(a, b engine.Preopen) int { return len(b.Guest) - len(a.Guest) })
	for _, one := range preopens {
		relative, err := filepath.Rel(one.Guest, guest)
		if err != nil || !filepath.IsLocal(relative) {
			continue
		}
		root, err := os.OpenRoot(one.Path)
		if err != nil {
			return nil
		}
		defer root.Close()
		if state, err := root.Stat(relative); err != nil || !state.Mode().IsRegular() {
			return nil
		}
		content, err := root.ReadFile(relative)
		if err != nil {
			return nil
		}
		return append([]byte{}, content...)
	}
	return nil
}
