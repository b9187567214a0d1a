"""No test talks to the world: a connection that leaves this machine is an error."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

LOCAL = {"localhost", "127.0.0.1", "::1"}


class LeftTheMachine(RuntimeError):
    """A test tried to reach another computer."""


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL:
            self.close()
            raise LeftTheMachine(f"a test tried to reach {address}")
        real_connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield
