package main

import (
	"os"
	"strconv"
)

func read(arguments []string) error {
	content, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(content)
	return err
}

func write(arguments []string) error {
	return os.WriteFile(arguments[0], []byte(arguments[1]), 0o666)
}

func appendTo(arguments []string) error {
	file, err := os.OpenFile(arguments[0], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(arguments[1]); err != nil {
		return err
	}
	return file.Close()
}

func list(arguments []string) error {
	entries, err := os.ReadDir(arguments[0]) // Sorted by name.
	if err != nil {
		return err
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return printLines(names)
}

func size(arguments []string) error {
	info, err := os.Stat(arguments[0])
	if err != nil {
		return err
	}
	return printLines([]string{strconv.FormatInt(info.Size(), 10)})
}

func remove(arguments []string) error { return os.Remove(arguments[0]) }
