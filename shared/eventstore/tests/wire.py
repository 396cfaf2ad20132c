"""A wire between ledger and PostgreSQL that can be cut at the worst moment: around a COMMIT."""

import socket
import threading
from typing import Literal, Self

Cut = Literal["before", "after", "frozen"]
COMMIT = b"COMMIT\x00"


class Wire:
    """Forwards one TCP port to another until `cut_next` says what becomes of the next COMMIT.

    before: neither it nor anything else reaches the server. after: the server commits, its reply is lost.
    frozen: as before, but the server's side stays open until `thaw`, as with a client cut off without a word.
    """

    def __init__(self, host: str, port: int) -> None:
        self._cut: Cut | None = None
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._frozen: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.thaw()

    def cut_next(self, cut: Cut) -> None:
        self._cut = cut

    @property
    def was_cut(self) -> bool:
        return self._cut is None

    def thaw(self) -> None:
        """The server learns that the frozen clients are gone."""
        while self._frozen:
            self._frozen.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._to)
            lost = threading.Event()
            threading.Thread(target=self._forth, args=(client, server, lost), daemon=True).start()
            threading.Thread(target=self._back, args=(client, server, lost), daemon=True).start()

    def _forth(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        try:
            while data := client.recv(65536):
                if COMMIT not in data or self._cut is None:
                    server.sendall(data)
                    continue
                cut, self._cut = self._cut, None
                lost.set()
                if cut == "after":
                    server.sendall(data)
                elif cut == "frozen":
                    self._frozen.append(server)
                    client.shutdown(socket.SHUT_RDWR)
                    return
                else:
                    server.shutdown(socket.SHUT_RDWR)
                    return
            server.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _back(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        try:
            while data := server.recv(65536):
                if lost.is_set():  # the reply to the COMMIT: it was done, nobody learns it
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
