"""A mail server that does as it is told: takes mail, refuses all of it or some, or is not there."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """What it took stands in ``taken``. While ``is_closed`` it sends everybody away, and always mail for the ``unknown``."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.taken: list[Message] = []
        self.visits = 0
        self.is_closed = False
        self.unknown: set[str] = set()

    def subjects_to(self, address: str) -> list[str]:
        """Return the subjects of what one address got, in order."""
        return [str(mail["Subject"]) for mail in self.taken if mail["To"] == address]


class _Visit(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.visits += 1
        self._say("421 closed" if self.server.is_closed else "220 open")
        while (line := self.rfile.readline().strip().decode()) and not self.server.is_closed:
            self._answer(line)

    def _answer(self, line: str) -> None:
        address = line.rpartition("<")[2].rstrip(">")
        if line.upper().startswith("RCPT") and address in self.server.unknown:
            self._say("550 no such mailbox")
        elif line.upper() == "DATA":
            self._say("354 go on")
            letter = b""
            while (part := self.rfile.readline()) != b".\r\n":
                letter += part
            self.server.taken.append(message_from_bytes(letter))
            self._say("250 taken")
        else:
            self._say("250 ok")

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run one meanwhile."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()
