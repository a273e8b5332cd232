# SPDX-License-Identifier: MIT
"""
The front-end stub: a stand-in for a Lync front end (dialect lync) or a SIP/SIMPLE server (dialect simple).

It is no evidence of what a Microsoft server does; it has the shapes that public traces and specifications show, it speaks
first where a front end does, and it checks everything the gateway sends. In a test:

    stub = FrontEndStub("lync", gateway=("127.0.0.12", 5061), tls=contexts)
    await stub.start()
    invite = await stub.wait_request("INVITE", user="alice@contoso.example")
    await stub.message("alice@contoso.example", "bob@partner.example", "Hello Bob")
    stub.assert_clean()

As a program it stands until it is ended, and does what is written to its control socket (see control.py).
"""
from __future__ import annotations

import argparse
import asyncio
import ctypes
import signal
import ssl
import sys
import time
from pathlib import Path
from typing import Optional

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    __package__ = "peers"

from .answers import Failure, User
from .calls import Calls
from .control import serve as serve_control
from .dialects import DIALECTS, Names
from .sipdialog import Dialog
from .sipendpoint import Connection, Hook
from .sipmsg import Message, address_of


def tls_contexts(certificate: str, key: str, ca: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Mutual TLS 1.2 or newer, the same certificate in both directions (serverAuth only is what Lync's template gives)."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for context in (server, client):
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(ca)
    server.verify_mode = ssl.CERT_REQUIRED
    _accept_any_purpose(server)
    return server, client


def _accept_any_purpose(context: ssl.SSLContext) -> None:
    """
    The gateway's certificate has serverAuth only, and OpenSSL's purpose check would refuse it as a client's. Python's ssl
    module cannot set the purpose, so this reaches for the SSL_CTX behind the object (its first field).
    """
    head = ctypes.sizeof(ctypes.c_ssize_t) + ctypes.sizeof(ctypes.c_void_p)
    native = ctypes.c_void_p.from_address(id(context) + head)
    libssl, libcrypto = ctypes.CDLL("libssl.so.3"), ctypes.CDLL("libcrypto.so.3")
    libssl.SSL_CTX_get0_param.restype = ctypes.c_void_p
    libssl.SSL_CTX_get0_param.argtypes = [ctypes.c_void_p]
    libcrypto.X509_VERIFY_PARAM_set_purpose.argtypes = [ctypes.c_void_p, ctypes.c_int]
    purpose_any = 7
    if libcrypto.X509_VERIFY_PARAM_set_purpose(libssl.SSL_CTX_get0_param(native), purpose_any) != 1:
        raise RuntimeError("the purpose of peer certificates cannot be set")


class FrontEndStub(Calls):
    def __init__(self, dialect: str = "lync", gateway: tuple[str, int] = ("127.0.0.12", 5061),
                 names: Optional[Names] = None, users: Optional[dict[str, User]] = None,
                 tls: Optional[tuple[ssl.SSLContext, ssl.SSLContext]] = None, gateway_name: str = "",
                 hook: Optional[Hook] = None) -> None:
        names = names or Names(transport="tls" if tls else "tcp")
        super().__init__(names, gateway, tls, gateway_name, hook)
        self.dialect = DIALECTS[dialect](names)
        self.users = users if users is not None else {
            f"alice@{names.domain}": User("Alice"), f"carol@{names.domain}": User("Carol", "offline")}
        self.dialogs: list[Dialog] = []
        self.failures: list[Failure] = []
        self.held: list[tuple[Connection, Message]] = []
        self.waiting_acks: set[tuple[str, int]] = set()
        self.busy: set[str] = set()
        self.seen_presence: list[dict] = []

    async def restart(self, down: float = 0.5, forget: bool = True) -> None:
        """Goes away with all its connections and comes back; `forget`: without memory of sessions and subscriptions."""
        await self.stop(abort=True)
        self.waiting_acks.clear()
        self.busy.clear()
        if forget:
            self.dialogs.clear()
        await asyncio.sleep(down)
        await self.start()


def log_line(direction: str, message: Message) -> None:
    arrow = "<-" if direction == "<" else "->"
    people = f"{address_of(message.get('From'))} > {address_of(message.get('To'))}"
    print(f"{time.strftime('%H:%M:%S')} {arrow} gateway  {message.summary()}  [{people}]", flush=True)


async def program(options: argparse.Namespace) -> int:
    tls = tls_contexts(options.certificate, options.key, options.ca) if options.certificate else None
    names = Names(domain=options.domain, pool="pool01." + options.domain, server="fe01." + options.domain,
                  address=options.address, port=options.port, transport="tls" if tls else "tcp")
    host, _, port = options.gateway.rpartition(":")
    stub = FrontEndStub(options.dialect, (host, int(port)), names, tls=tls, hook=log_line)
    await stub.start()
    control = await serve_control(stub, options.control) if options.control else None
    print("front-end stub is listening", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    if control:
        control.close()
    await stub.stop()
    for wrong in stub.violations:
        print("violation: " + wrong, flush=True)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="frontend.py", description=__doc__.split("\n")[1])
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="lync")
    parser.add_argument("--domain", default="contoso.example")
    parser.add_argument("--address", default="127.0.0.11")
    parser.add_argument("--port", type=int, default=5061)
    parser.add_argument("--gateway", default="127.0.0.12:5061", help="HOST:PORT of the gateway")
    parser.add_argument("--certificate", help="PEM; without it plain TCP is spoken")
    parser.add_argument("--key")
    parser.add_argument("--ca")
    parser.add_argument("--control", help="path of the control socket")
    return asyncio.run(program(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
