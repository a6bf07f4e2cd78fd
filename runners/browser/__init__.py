"""Browsers: a runner that drives one through selenium, and gives it work over a WebSocket."""
