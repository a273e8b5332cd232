# SPDX-License-Identifier: MIT
"""A bad line over UDP: what passes between the gateway and a SIP peer is lost, doubled or comes late, as a seed says."""
from __future__ import annotations

import asyncio
import random

Place = tuple[str, int]


class _Side(asyncio.DatagramProtocol):
    def __init__(self, line: "BadLine") -> None:
        self.line = line
        self.other: "_Side" = self
        self.toward: Place = ("", 0)          # who is on this side
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Place) -> None:
        self.line.passes(data, self.other)

    def send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(data, self.toward)


class BadLine:
    """
    async with BadLine(seed, outside, gateway, inside, peer): the gateway (at `gateway`) takes `outside` for the peer, the peer (at `peer`)
    takes `inside` for the gateway. Of all datagrams `loss` are lost, `double` come twice, `late` after others.
    """

    def __init__(self, seed: int, outside: Place, gateway: Place, inside: Place, peer: Place, loss: float = 0.15, double: float = 0.15,
                 late: float = 0.2) -> None:
        self.random = random.Random(seed)
        self.places = (outside, gateway), (inside, peer)
        self.loss, self.double, self.late = loss, double, late
        self.lost = self.doubled = self.delayed = self.passed = 0

    async def __aenter__(self) -> "BadLine":
        sides = []
        for own, toward in self.places:
            _, side = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Side(self), local_addr=own)
            side.toward = toward
            sides.append(side)
        sides[0].other, sides[1].other = sides[1], sides[0]
        self.sides = sides
        return self

    async def __aexit__(self, *_: object) -> None:
        for side in self.sides:
            side.transport.close()

    def passes(self, data: bytes, side: _Side) -> None:
        self.passed += 1
        if self.random.random() < self.loss:
            self.lost += 1
            return
        copies = 1
        if self.random.random() < self.double:
            self.doubled += 1
            copies = 2
        for _ in range(copies):
            if self.random.random() < self.late:
                self.delayed += 1
                asyncio.get_running_loop().call_later(self.random.uniform(0.01, 0.3), side.send, data)
            else:
                side.send(data)

    def story(self) -> str:
        return f"{self.passed} datagrams, {self.lost} lost, {self.doubled} doubled, {self.delayed} late"
