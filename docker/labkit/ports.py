# SPDX-License-Identifier: MIT
"""Which addresses and ports the lab uses, and whether they are free."""
from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass


class PortTaken(RuntimeError):
    """A port that the lab needs is in use; the text names it."""


def can_listen(address: str, port: int) -> str:
    """Empty when it can be listened on, else the reason."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as error:
            return "in use" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
    return ""


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


@dataclass
class Places:
    """One loopback address per role, so that each can have its protocol's own port. `base` are the first three octets."""

    base: str = "127.0.0"
    s2s: int = 5269        # not a choice: without SRV records s2s goes to this port
    component: int = 5347
    client: int = 5222
    sip: int = 5061

    @property
    def edge(self) -> str:
        return self.base + ".2"

    @property
    def partner(self) -> str:
        return self.base + ".3"

    @property
    def frontend(self) -> str:
        return self.base + ".11"

    @property
    def frontend2(self) -> str:
        return self.base + ".14"

    @property
    def gateway(self) -> str:
        return self.base + ".12"

    def needed(self) -> list[tuple[str, str, int]]:
        return [("s2s of the edge", self.edge, self.s2s), ("component port of the edge", self.edge, self.component),
                ("s2s of the partner", self.partner, self.s2s), ("client port of the partner", self.partner, self.client),
                ("SIP of the front end", self.frontend, self.sip), ("SIP of stoxd", self.gateway, self.sip)]

    def check(self) -> None:
        taken = [f"{what}: {address}:{port} ({why})" for what, address, port in self.needed()
                 if (why := can_listen(address, port))]
        if taken:
            raise PortTaken("ports that the lab needs are not free:\n  " + "\n  ".join(taken))


def unused_places(first: int = 20, last: int = 250) -> Places:
    """Places on a part of 127/8 where nobody listens (a server on 0.0.0.0:5269 is in the way everywhere)."""
    wrong = None
    for number in range(first, last):
        places = Places(f"127.0.{number}")
        try:
            places.check()
            return places
        except PortTaken as error:
            wrong = error
            if "Cannot assign" in str(error) or "Permission" in str(error):
                break
    raise wrong or PortTaken("no free loopback addresses")
