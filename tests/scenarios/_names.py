# SPDX-License-Identifier: MIT
"""A name server with the names of the lab, for programs that ask one and read no hosts file."""
from __future__ import annotations

import asyncio
import socket
import struct

PORT = 5353
A, IN = 1, 1


class NameServer(asyncio.DatagramProtocol):
    """`names` are name -> IPv4 address. Everything else does not exist."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = {name.lower(): address for name, address in names.items()}

    async def start(self, address: str) -> "NameServer":
        self.transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(address, PORT))
        return self

    def stop(self) -> None:
        self.transport.close()

    def datagram_received(self, data: bytes, source) -> None:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode("ascii", "replace"))
            at += 1 + data[at]
        kind = struct.unpack("!H", data[at + 1:at + 3])[0]
        address = self.names.get(".".join(labels).lower())
        found = address is not None and kind == A
        flags = 0x8580 | (0 if address else 3)   # authoritative; NXDOMAIN
        answer = data[:2] + struct.pack("!HHHHH", flags, 1, int(found), 0, 0) + data[12:at + 5]
        if found:
            answer += struct.pack("!HHHIH", 0xC00C, A, IN, 60, 4) + socket.inet_aton(address)
        self.transport.sendto(answer, source)
