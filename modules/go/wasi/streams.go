package main

import (
	"io"
	"os"
	"slices"
	"strings"
)

func printLines(lines []string) error {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(line)
		text.WriteByte('\n')
	}
	_, err := io.WriteString(os.Stdout, text.String())
	return err
}

func args(arguments []string) error { return printLines(arguments) }

func env([]string) error {
	variables := os.Environ()
	slices.Sort(variables)
	return printLines(variables)
}

func cat([]string) error {
	_, err := io.Copy(os.Stdout, os.Stdin)
	return err
}

func stderr(arguments []string) error {
	_, err := io.WriteString(os.Stderr, arguments[0])
	return err
}
