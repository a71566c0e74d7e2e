"""The driver's end of a pipe reads what has arrived and waits for nothing."""

import socket
import struct
from collections.abc import Iterator

import pytest

from mdsbench.execution.channel import Channel
from mdsbench.execution.outcomes import Garbled


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    with theirs:
        yield channel, theirs
    channel.close()


def frame(content: bytes) -> bytes:
    return struct.pack("!i", len(content)) + content


def test_a_message_may_arrive_in_parts(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    whole = frame(b"F" + b"a" * 1000) + frame(b"R")
    for part in (whole[:2], whole[2:3], whole[3:500]):
        theirs.send(part)
        assert channel.receive() == []
        assert channel.half_way
    theirs.send(whole[500:])
    assert channel.receive() == [b"F" + b"a" * 1000, b"R"]
    assert not channel.half_way
    assert channel.receive() == []


@pytest.mark.parametrize(
    "rubbish",
    [
        b"rubbish, rubbish",
        b"\xff\xff\xff\xfe" * 4,
        frame(b"?"),
        frame(b""),
        struct.pack("!i", 2**31 - 1) + b"X",
        struct.pack("!iQ", -1, 1 << 62) + b"F",
    ],
)
def test_what_is_no_message_is_refused_before_its_end(ends: tuple[Channel, socket.socket], rubbish: bytes) -> None:
    channel, theirs = ends
    theirs.send(rubbish)
    with pytest.raises(Garbled):
        channel.receive()


def test_the_end_comes_after_the_last_message(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    theirs.send(frame(b"R") + b"\0")
    theirs.close()
    assert channel.receive() == [b"R"]
    with pytest.raises(EOFError):
        channel.receive()


def test_a_worker_that_does_not_read_is_not_waited_for(
    ends: tuple[Channel, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, _ = ends
    monkeypatch.setattr("mdsbench.execution.channel.PATIENCE", 0.0)
    with pytest.raises(OSError, match="does not read"):
        channel.send(b"a" * 10_000_000)
