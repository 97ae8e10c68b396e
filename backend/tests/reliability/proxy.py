"""A line between loader and PostgreSQL that can be cut: toxiproxy in a few lines, on loopback."""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

TERMINATE = b"X"


@dataclass
class Cut:
    """Where the line is cut: at the n-th message of a client's connections, or at the first that has `at_text`."""

    at_message: int = 0
    at_text: bytes = b""
    delivers: bool = True
    """Whether the server still gets the message at which the line is cut."""
    keeps_server_waiting: bool = False
    """Whether the server is left with an open line on which nothing comes any more."""
    messages: int = field(default=0, init=False)
    happened: threading.Event = field(default_factory=threading.Event, init=False)

    def is_here(self, message: bytes) -> bool:
        """Count `message`; tell whether the line is cut at it."""
        self.messages += 1
        is_text = bool(self.at_text) and self.at_text in message
        return not self.happened.is_set() and (self.messages == self.at_message or is_text)


class Proxy:
    """Listens on loopback and passes every connection on to the server, until the cut."""

    def __init__(self, host: str, port: int) -> None:
        self._server_address = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.cut = Cut()

    def accept_all(self) -> None:
        """Serve connections until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = self._connect()
                self._sockets += [client, server]
                threading.Thread(target=self._pass_answers, args=(server, client), daemon=True).start()
                threading.Thread(target=self._pass_messages, args=(client, server), daemon=True).start()

    def close(self) -> None:
        """Close all lines; a socket that a thread is reading from stays open unless it is shut first."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            _shut(each)
            each.close()

    def _connect(self) -> socket.socket:
        host, port = self._server_address
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(os.path.join(host, f".s.PGSQL.{port}"))  # noqa: PTH118  # an address
        return server

    def _pass_messages(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            server.sendall(_startup(client))
            while message := _message(client):
                if not self.cut.is_here(message):
                    server.sendall(message)
                    continue
                self.cut.happened.set()
                _shut(client)
                if self.cut.delivers:
                    server.sendall(message)
                if not self.cut.keeps_server_waiting:
                    _half_shut(server)
                return
        if not self.cut.keeps_server_waiting:
            _half_shut(server)

    def _pass_answers(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while answer := server.recv(65536):
                with contextlib.suppress(OSError):
                    client.sendall(answer)
        _shut(client)


@contextlib.contextmanager
def proxy_to(host: str, port: int) -> Iterator[Proxy]:
    """Run a proxy to the server at `host` (or in that folder) and `port`."""
    proxy = Proxy(host, port)
    thread = threading.Thread(target=proxy.accept_all, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def _startup(client: socket.socket) -> bytes:
    length = _exactly(client, 4)
    return length + _exactly(client, struct.unpack("!I", length)[0] - 4)


def _message(client: socket.socket) -> bytes:
    head = _exactly(client, 5)
    return head + _exactly(client, struct.unpack("!I", head[1:])[0] - 4) if head else b""


def _exactly(client: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = client.recv(size - len(parts))
        if not part:
            return b""
        parts += part
    return parts


def _shut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _half_shut(line: socket.socket) -> None:
    """Say that nothing more comes, and let the other side finish what it has."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_WR)
