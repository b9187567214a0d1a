"""Many browsers at once: keep-alive connections in one thread, which send prepared requests and judge every answer.

Everything is made before the clock starts, and an answer is only looked through for its end, so that the load takes
little of the machine it measures.
"""

import gzip
import re
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.product import HOST

LONGEST_SILENCE = 60  # seconds
HEADERS = "\r\n".join(
    [
        f"Host: {HOST}",
        "X-Forwarded-Proto: https",
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "Accept-Language: en-GB,en;q=0.9",
        "Accept-Encoding: gzip, deflate, br",
        f"Origin: https://{HOST}",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Site: same-origin",
        "Upgrade-Insecure-Requests: 1",
    ]
)


@dataclass(frozen=True)
class Answer:
    """One answer of the server."""

    status: int
    head: str
    body: bytes

    def text(self) -> str:
        """Return the page, unpacked."""
        packed = "content-encoding: gzip" in self.head.lower()
        return (gzip.decompress(self.body) if packed else self.body).decode()

    def cookies(self) -> dict[str, str]:
        """Return the cookies it sets."""
        return dict(re.findall(r"(?im)^set-cookie: ([^=]+)=([^;\r]*)", self.head))


@dataclass
class Outcome:
    """How a run went: answers by status, seconds of wall clock, and how long each answer took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return sum(self.statuses.values()) / self.seconds


def request(
    method: str, path: str, *, address: str, cookies: dict[str, str] | None = None, form: dict[str, str] | None = None
) -> bytes:
    """Return a whole request of a browser at ``address``, as the proxy hands it on."""
    body = urlencode(form or {}).encode()
    lines = [f"{method} {path} HTTP/1.1", HEADERS, f"X-Forwarded-For: {address}"]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port: int, sent: bytes) -> Answer:
    """Send one request on a connection of its own."""
    answers: list[Answer] = []
    run(port, [sent], at_once=1, look=answers.append)
    return answers[0]


def run(port: int, requests: Sequence[bytes], *, at_once: int, look: Callable[[Answer], None] | None = None) -> Outcome:
    """Send every request once over so many connections, each waiting for its answer before it sends the next."""
    waiting, outcome = deque(requests), Outcome()
    with selectors.DefaultSelector() as selector:
        for _ in range(min(at_once, len(requests))):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, _Exchange(connection))
        began = time.perf_counter()
        for key in list(selector.get_map().values()):
            key.data.send(waiting.popleft())
        while selector.get_map():
            ready = selector.select(LONGEST_SILENCE)
            if not ready:
                raise RuntimeError("The server fell silent.")
            for key, _ in ready:
                answer = key.data.receive()
                if answer is None:
                    continue
                outcome.statuses[answer.status] += 1
                outcome.waits.append(time.perf_counter() - key.data.sent_at)
                if look:
                    look(answer)
                if waiting:
                    key.data.send(waiting.popleft())
                else:
                    selector.unregister(key.data.connection)
                    key.data.connection.close()
        outcome.seconds = time.perf_counter() - began
    return outcome


@dataclass
class _Exchange:
    """A connection and what came of the answer it waits for."""

    connection: socket.socket
    came: bytes = b""
    sent_at: float = 0.0

    def send(self, whole_request: bytes) -> None:
        self.came, self.sent_at = b"", time.perf_counter()
        self.connection.sendall(whole_request)

    def receive(self) -> Answer | None:
        """Take what there is and return the answer once it is whole."""
        got = self.connection.recv(65536)
        if not got:
            raise RuntimeError(f"The server hung up after {self.came[:200]!r}.")
        self.came += got
        head, end, body = self.came.partition(b"\r\n\r\n")
        if not end:
            return None
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length is None:
            raise RuntimeError(f"An answer of no known length: {head!r}")
        return Answer(int(head[9:12]), head.decode(), body) if len(body) == int(length[1]) else None
