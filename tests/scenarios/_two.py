# SPDX-License-Identifier: MIT
"""A hop with two next hops, fe01 (preferred) and fe02, each a stub at an address of its own."""
from __future__ import annotations

import asyncio
import socket
from collections import Counter

from peers.answers import User


async def two(lab, first: bool = True, second: bool = True):
    """The stubs; those that are not started listen later, by start()."""
    one = await lab.front_end(start=first)
    other = await lab.front_end(start=second, number=2)
    for number in range(1, 8):
        one.users[f"user{number}@{lab.domain}"] = User(f"User {number}")
    other.users = one.users   # one pool: the same people on both
    return one, other


def texts(*stubs) -> Counter:
    """How often each text has come, over all of them."""
    return Counter(m.text for stub in stubs for m in stub.received if m.method == "MESSAGE")


async def arrives(stub, user: str, text: str, timeout: float = 10):
    return await stub.wait_request("MESSAGE", user=user, text=text, timeout=timeout)


async def logged(lab, pattern: str, seconds: float = 10, since: int = 0) -> str:
    return await asyncio.to_thread(lab.stoxd.wait_log, pattern, seconds, since)


class Blackhole:
    """A listener whose queue is full, so that the kernel drops each further SYN: connecting to it takes for ever."""

    def __init__(self, address: str, port: int) -> None:
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(0)
        self.fillers = [socket.socket() for _ in range(4)]
        for filler in self.fillers:
            filler.setblocking(False)
            filler.connect_ex((address, port))

    def close(self) -> None:
        for each in [self.listener, *self.fillers]:
            each.close()
