package main

import (
	"errors"
	"strconv"
	"time"
)

const readings = 1000

// clock prints the time of day in nanoseconds since 1970 and whether the monotonic clock ever fell.
func clock([]string) error {
	start := time.Now()
	last := time.Duration(0)
	for range readings {
		now := time.Since(start) // By the monotonic clock alone.
		if now < last {
			return errors.New("the monotonic clock fell")
		}
		last = now
	}
	return printLines([]string{"realtime " + strconv.FormatInt(start.UnixNano(), 10), "monotonic ok"})
}
