"""The driver's end of a worker's pipe, which never waits for a worker: a message may stop half way, or never end.

The worker's end is a `multiprocessing.connection.Connection`, whose messages are a length and that many bytes.
"""

import select
import socket
from multiprocessing.connection import Connection
from struct import Struct
from time import monotonic
from typing import Any

from mdsbench.execution.messages import too_long
from mdsbench.execution.outcomes import Garbled

AT_ONCE = 1 << 20  # bytes that are read before another worker has its turn
PATIENCE = 5.0  # seconds in which a worker takes what it is sent

_SHORT, _LONG = Struct("!i"), Struct("!Q")
_IS_LONG = -1


class Channel:
    """A socket whose other end belongs to a worker process."""

    def __init__(self, ours: socket.socket) -> None:
        ours.setblocking(False)
        self._socket = ours
        self._buffer = bytearray()
        self.last_byte = monotonic()  # when something has arrived

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._socket.fileno()

    @property
    def half_way(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer)

    def send(self, content: bytes) -> None:
        """Send a message. Raises OSError if the worker does not take it."""
        message = memoryview(_SHORT.pack(len(content)) + content)
        deadline = monotonic() + PATIENCE
        while message:
            try:
                message = message[self._socket.send(message) :]
            except BlockingIOError:
                if not select.select([], [self._socket], [], max(0.0, deadline - monotonic()))[1]:
                    raise TimeoutError("the worker does not read") from None

    def receive(self) -> list[bytes]:
        """The messages that have arrived. Raises EOFError at the end, Garbled where it is no message that goes on."""
        over = False
        try:
            found = self._socket.recv(AT_ONCE)
            over = not found
            self._buffer += found
            self.last_byte = monotonic()
        except BlockingIOError:
            pass
        except OSError:
            over = True
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        if over and not messages:
            raise EOFError
        return messages

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _next(self) -> bytes | None:
        """Take a whole message from the buffer."""
        if len(self._buffer) < _SHORT.size:
            return None
        (length,) = _SHORT.unpack_from(self._buffer)
        begin = _SHORT.size
        if length == _IS_LONG:
            if len(self._buffer) < begin + _LONG.size:
                return None
            (length,) = _LONG.unpack_from(self._buffer, begin)
            begin += _LONG.size
        if too_long(length, bytes(self._buffer[begin : begin + 1])):
            raise Garbled("it has sent what is no message")
        if len(self._buffer) < begin + length:
            return None
        message = bytes(self._buffer[begin : begin + length])
        del self._buffer[: begin + length]
        return message


class PipeChannel:
    """The same over a pipe of a system without sockets that processes inherit; it waits for the end of a message."""

    half_way = False
    last_byte = 0.0

    def __init__(self, ours: "Connection[Any, Any]") -> None:
        self.pipe = ours

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self.pipe.fileno()

    def send(self, content: bytes) -> None:
        """Send a message. Raises OSError if the worker is gone."""
        self.pipe.send_bytes(content)

    def receive(self) -> list[bytes]:
        """The messages that have arrived. Raises EOFError at the end."""
        messages = []
        try:
            while self.pipe.poll():
                message = self.pipe.recv_bytes()
                if too_long(len(message), message[:1]):
                    raise Garbled("it has sent what is no message")
                messages.append(message)
        except OSError:
            if not messages:
                raise EOFError from None
        except EOFError:
            if not messages:
                raise
        return messages

    def close(self) -> None:
        """Close it."""
        self.pipe.close()
