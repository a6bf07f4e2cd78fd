"""headers_server/origin.py: ports that are free, and those that are not."""

from __future__ import annotations

import socket

import pytest

from headers_server.origin import ListenError, Origin, listen


def test_localhost_is_one_port_on_all_its_addresses() -> None:
    origin, sockets = listen("localhost")
    try:
        assert {one.getsockname()[1] for one in sockets} == {origin.port}
        with socket.create_connection(("127.0.0.1", origin.port), 5):
            pass
    finally:
        for one in sockets:
            one.close()


def test_a_port_in_use_is_told_with_its_origin_and_leaves_nothing_open() -> None:
    origin, sockets = listen("127.0.0.1")
    try:
        with pytest.raises(ListenError, match=f"cannot listen on http://127.0.0.1:{origin.port}: the port is in use"):
            listen("127.0.0.1", origin.port)
    finally:
        for one in sockets:
            one.close()
    _, again = listen("127.0.0.1", origin.port)
    for one in again:
        one.close()


@pytest.mark.parametrize(
    ("host", "port"), [("no.such.host.invalid", 0), ("192.0.2.1", 0), ("localhost", 70000), ("localhost", -1)]
)
def test_an_impossible_place_is_told(host: str, port: int) -> None:
    with pytest.raises(ListenError, match=host):
        listen(host, port)


def test_an_origin_is_written_as_browsers_write_it() -> None:
    assert str(Origin("localhost", 80)) == "http://localhost:80"
    assert str(Origin("::1", 8000)) == "http://[::1]:8000"
