# SPDX-License-Identifier: MIT
"""The stub over UDP: datagrams in place of connections. It absorbs repeated requests and answers them again; it repeats none of its own."""
from __future__ import annotations

import asyncio
from typing import Optional

from .sipmsg import Message, SipError, params_of, parse


def branch_key(message: Message) -> tuple[str, str]:
    via = params_of("<>;" + message.get("Via").partition(";")[2])
    return via.get("branch", ""), message.cseq[1]


class DatagramConnection:
    """Stands for a connection: one remote address."""

    own = open = True

    def __init__(self, side: "DatagramSide", address: tuple[str, int]) -> None:
        self.side, self.address = side, address

    def write(self, data: bytes) -> None:
        if data.startswith(b"SIP/2.0 "):
            self.side.answers[branch_key(parse(data))] = data
        if self.side.transport and not self.side.transport.is_closing():
            self.side.transport.sendto(data, self.address)

    def close(self, abort: bool = False) -> None:
        pass


class DatagramSide(asyncio.DatagramProtocol):
    """The socket of an endpoint, at the endpoint's own address and port."""

    def __init__(self, endpoint) -> None:
        self.endpoint = endpoint
        self.transport: Optional[asyncio.DatagramTransport] = None
        self.places: dict[tuple[str, int], DatagramConnection] = {}
        self.answers: dict[tuple[str, str], bytes] = {}
        self.repeated = 0                     # requests that had come before
        self.sizes: list[int] = []            # of everything that came
        self._seen: set[tuple[str, str]] = set()

    def connection_made(self, transport) -> None:
        self.transport = transport

    def place(self, address: tuple[str, int]) -> DatagramConnection:
        return self.places.setdefault(address, DatagramConnection(self, address))

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.sizes.append(len(data))
        try:
            message = parse(data)
        except SipError as error:
            self.endpoint.violations.append(str(error))
            return
        if message.is_request and message.method != "ACK":
            key = branch_key(message)
            if key in self._seen:
                self.repeated += 1
                if key in self.answers:
                    self.place(address).write(self.answers[key])
                return
            self._seen.add(key)
        self.endpoint._dispatch(self.place(address), message)

    def close(self) -> None:
        if self.transport:
            self.transport.close()


async def open_datagrams(endpoint) -> DatagramSide:
    _, side = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: DatagramSide(endpoint), local_addr=(endpoint.names.address, endpoint.names.port))
    return side
