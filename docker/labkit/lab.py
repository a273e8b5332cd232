# SPDX-License-Identifier: MIT
"""
The whole lab: servers, stoxd, front-end stub and users, put together. For docker/lab and for the scenario tests:

    async with Lab(directory, program=stoxd, edge="prosody", dialect="lync") as lab:
        stub = await lab.front_end()
        bob = await lab.user("bob@partner.example")
"""
from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Callable, Optional

from .ca import SERVER, CertificateAuthority
from .ports import Places
from .process import Unprivileged
from .servers import Ejabberd, Prosody, Server, Setting
from .stoxd import Stoxd, StoxdOptions

from peers.dialects import Names
from peers.frontend import FrontEndStub, tls_contexts
from peers.waiting import NotSeen
from peers.xmppuser import XmppUser

PASSWORD = "lab"
TRANSPORTS = {"lync": "tls", "simple": "tcp"}


class Lab:
    """
    `program` is the stoxd executable; None leaves the component and the gateway's address to the caller. `options` overrides
    what stoxd.conf says. Everything is below `directory`, which may be kept or removed afterwards.
    """

    def __init__(self, directory: Path, program: Optional[Path] = None, edge: str = "prosody", dialect: str = "lync",
                 transport: str = "", places: Optional[Places] = None, options: Optional[StoxdOptions] = None,
                 domain: str = "contoso.example") -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        if directory.stat().st_mode & 0o077 == 0:
            self.directory.chmod(0o755)   # a temporary directory: its secrets are closed one by one
        self.places = places or Places()
        self.dialect, self.edge_kind, self.domain = dialect, edge, domain
        self.options = options or StoxdOptions()
        self.options.dialect = dialect
        self.options.transport = transport or TRANSPORTS[dialect]
        self.ca = CertificateAuthority(self.directory / "ca")
        needed = [self.directory] + ([program] if program else [])
        self.setting = Setting(self.directory, self.ca, self.directory / "hosts", Unprivileged.choose(*needed), domain,
                               s2s_port=self.places.s2s, component_port=self.places.component,
                               client_port=self.places.client)
        self.edge: Server = (Prosody(self.setting, self.places.edge, "edge") if edge == "prosody"
                             else Ejabberd(self.setting, self.places.edge))
        self.partner = Prosody(self.setting, self.places.partner, "partner")
        self.stoxd = Stoxd(program, self.setting, self.places, self.options) if program else None
        self.users: list[XmppUser] = []
        self.stubs: list[FrontEndStub] = []
        self.accounts = {f"{name}@{host}": PASSWORD for name, host in (
            ("bob", self.setting.partner), ("dave", self.setting.partner), ("eve", self.setting.stranger))}

    @property
    def alice(self) -> str:
        return f"alice@{self.domain}"

    @property
    def bob(self) -> str:
        return f"bob@{self.setting.partner}"

    @property
    def eve(self) -> str:
        """A user of a partner domain that nobody has allowed."""
        return f"eve@{self.setting.stranger}"

    # ---- Start and end ----

    def prepare(self) -> None:
        """Ports, certificates, names and configurations; starts nothing."""
        self.places.check()
        p, s = self.places, self.setting
        hosts = [(p.edge, s.domain), (p.edge, f"edge.{s.domain}"), (p.partner, s.partner), (p.partner, s.stranger),
                 (p.gateway, f"xgw.{s.domain}")]
        hosts += [(p.frontend, f"pool01.{s.domain}"), (p.frontend, f"fe01.{s.domain}"), (p.frontend2, f"fe02.{s.domain}")]
        s.hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{a} {n}\n" for a, n in hosts))
        self.edge.prepare()
        self.partner.prepare(self.accounts)
        if self.stoxd:
            self.stoxd.prepare()
        self.frontend_certificate = self.ca.issue(
            "frontend", [f"pool01.{s.domain}", f"fe01.{s.domain}", f"sip.{s.domain}"], SERVER, rsa=True)
        self.frontend2_certificate = self.ca.issue(
            "frontend2", [f"pool01.{s.domain}", f"fe02.{s.domain}", f"sip.{s.domain}"], SERVER, rsa=True)

    def start(self) -> None:
        """The servers, then stoxd. Raises DidNotStart with log lines; what runs then is ended by stop()."""
        self.edge.start()
        self.partner.start()
        if self.stoxd:
            self.stoxd.start()

    def stop(self) -> None:
        for part in (self.stoxd, self.partner, self.edge):
            if part:
                part.stop()

    async def __aenter__(self) -> "Lab":
        self.prepare()
        try:
            await asyncio.to_thread(self.start)
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for user in self.users:
            await user.logout()
        for stub in self.stubs:
            await stub.stop()
        await asyncio.to_thread(self.stop)

    # ---- People ----

    async def front_end(self, hook: Optional[Callable] = None, start: bool = True,
                        certificate: Optional[tuple[Path, Path]] = None, number: int = 1) -> FrontEndStub:
        """
        The stub in this process, listening. `certificate` in place of the good one, for tests; `number` 2: the pool's second server, at an
        address of its own.
        """
        s, p = self.setting, self.places
        tls = None
        if self.options.transport == "tls":
            pair = certificate or (self.frontend_certificate if number == 1 else self.frontend2_certificate)
            tls = tls_contexts(str(pair[0]), str(pair[1]), str(self.ca.certificate))
        names = Names(s.domain, f"pool01.{s.domain}", f"fe{number:02}.{s.domain}", self.options.transport,
                      p.frontend if number == 1 else p.frontend2, p.sip)
        stub = FrontEndStub(self.dialect, (p.gateway, p.sip), names, tls=tls, gateway_name=f"xgw.{s.domain}",
                            hook=hook)
        if start:
            await stub.start()
        self.stubs.append(stub)
        return stub

    async def user(self, jid: str, hook: Optional[Callable] = None, presence: bool = True,
                   resource: str = "") -> XmppUser:
        user = await XmppUser.login(jid, self.accounts[jid], (self.places.partner, self.places.client),
                                    str(self.ca.certificate), resource, hook, presence)
        self.users.append(user)
        return user

    def bad_certificate(self, kind: str) -> tuple[Path, Path]:
        """For tests of refusals: "wrong-name", "expired", "other-ca", "client-only"."""
        good = [f"pool01.{self.domain}", f"fe01.{self.domain}"]
        if kind == "wrong-name":
            return self.ca.issue(kind, [f"intruder.{self.domain}"], SERVER)
        if kind == "expired":
            return self.ca.issue(kind, good, SERVER, expired=True)
        if kind == "other-ca":
            return CertificateAuthority(self.directory / "other-ca", "Other CA").issue(kind, good, SERVER)
        if kind == "client-only":
            return self.ca.issue(kind, good, "clientAuth")
        raise ValueError(kind)

    async def wait_attached(self, timeout: float = 15) -> None:
        """Until the component is connected to the edge: before that the edge answers senders with errors."""
        deadline = asyncio.get_running_loop().time() + timeout
        probe = await XmppUser.login(f"dave@{self.setting.partner}", PASSWORD,
                                     (self.places.partner, self.places.client), str(self.ca.certificate),
                                     presence=False)
        try:
            while True:
                try:
                    await probe.client["xep_0030"].get_info(jid=self.domain, timeout=3)
                    return
                except Exception as error:  # slixmpp's IqError and IqTimeout alike
                    if asyncio.get_running_loop().time() > deadline:
                        raise NotSeen(f"the component for {self.domain} did not attach within {timeout:g} s: "
                                      f"{getattr(error, 'condition', error)}") from None
                await asyncio.sleep(0.2)
        finally:
            await probe.logout()

    def tails(self, lines: int = 12) -> str:
        """The last log lines of everything, for a report of a time-out."""
        parts = [part for part in (self.stoxd, self.edge, self.partner) if part]
        text = "\n".join(part.tail(lines) for part in parts)
        for stub in self.stubs:
            text += "\n  the stub's last requests from the gateway:\n" + "\n".join(
                "    | " + request.summary() for request in stub.received[-lines:])
        return text
