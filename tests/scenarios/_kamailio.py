# SPDX-License-Identifier: MIT
"""Kamailio as the registrar and presence server behind a simple hop, and alice's SIP client at it."""
from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Optional

from labkit.ca import BOTH
from labkit.names import mounts_allowed, with_names
from labkit.ports import can_listen
from labkit.process import Process, tail
from labkit.servers import answers
from labkit.templates import fill
from peers.answers import User
from peers.dialects import Names
from peers.frontend import FrontEndStub, tls_contexts
from peers.sipmsg import Message, address_of

from run import Skip

HERE = Path(__file__).resolve().parent / "kamailio"


def needed() -> None:
    modules = [path for path in Path("/usr/lib").glob("*/kamailio/modules/*.so")]
    for what, there in (("kamailio", shutil.which("kamailio")),
                        ("kamailio-tls-modules", any(m.name == "tls.so" for m in modules)),
                        ("kamailio-presence-modules", any(m.name == "presence_xml.so" for m in modules))):
        if not there:
            raise Skip(f"{what} is not installed")
    if not mounts_allowed():
        raise Skip("Kamailio's look-ups need an /etc/hosts of their own (a mount namespace), which a chroot cannot have")


class Kamailio:
    """At the front end's address, under the pool's name, in a directory of its own, as an unprivileged user."""

    def __init__(self, lab) -> None:
        self.lab = lab
        self.directory = lab.directory / "kamailio"
        self.log = self.directory / "output.log"
        self.process: Optional[Process] = None

    def prepare(self) -> None:
        lab, p = self.lab, self.lab.places
        self.directory.mkdir(parents=True, exist_ok=True)
        certificate, key = (shutil.copy(path, self.directory / path.name) for path in lab.frontend_certificate)
        fill(str(HERE / "kamailio.cfg.in"), self.directory / "kamailio.cfg", domain=lab.domain, address=p.frontend,
             port=p.sip, name=f"pool01.{lab.domain}", directory=self.directory, partner=lab.setting.partner, gateway=p.gateway)
        fill(str(HERE / "tls.cfg.in"), self.directory / "tls.cfg", key=key, certificate=certificate, ca=lab.ca.certificate)
        lab.setting.unprivileged.own(self.directory)

    def start(self) -> None:
        command = [*self.lab.setting.unprivileged.prefix(), "kamailio", "-f", str(self.directory / "kamailio.cfg"), "-DD", "-E",
                   "-m", "32", "-M", "8", "-Y", str(self.directory), "-P", str(self.directory / "kamailio.pid")]
        environment = dict(os.environ)
        command = with_names(self.lab.setting.hosts, command, environment)   # stoxd's Contact has its name
        self.process = Process.start("kamailio", command, self.log, environment, self.directory)
        self.process.wait_until(lambda: answers(self.lab.places.frontend, self.lab.places.sip), 15, "it answers")

    def stop(self) -> None:
        if self.process:
            self.process.stop()

    def wait_log(self, pattern: str, seconds: float = 10) -> None:
        """Until a line says that. Blocks."""
        self.process.wait_until(lambda: re.search(pattern, self.log.read_text("utf-8", "replace")) is not None, seconds, pattern)

    def faults(self) -> list[str]:
        return re.findall(r".*(?:ERROR|CRITICAL|BUG).*", self.log.read_text("utf-8", "replace"))

    def tail(self, lines: int = 40) -> str:
        return tail(self.log, lines, "kamailio")


class Client(FrontEndStub):
    """alice's user agent: registered at Kamailio over mutual TLS, at an address of its own. Nothing of it is a server's."""

    peer_is_proxy = True

    def __init__(self, lab, hook=None) -> None:
        p = lab.places
        address = p.base + ".21"
        wrong = can_listen(address, p.sip)
        assert not wrong, f"{address}:{p.sip}: {wrong}"
        certificate, key = lab.ca.issue("alice", [f"alice-pc.{lab.domain}"], BOTH)
        names = Names(lab.domain, f"alice-pc.{lab.domain}", f"alice-pc.{lab.domain}", "tls", address, p.sip)
        super().__init__("simple", (p.frontend, p.sip), names, {lab.alice: User("Alice")},
                         tls_contexts(str(certificate), str(key), str(lab.ca.certificate)), f"pool01.{lab.domain}", hook)
        self.alice, self.etag, self.register_seq = lab.alice, "", 0

    def _user(self, request: Message) -> Optional[User]:
        """A registrar puts the Contact into the Request-URI: who is meant is in To."""
        return self.users.get(address_of(request.get("To")))

    def assert_clean(self) -> None:
        self.violations[:] = [text for text in self.violations if not ("and Request-URI" in text and "differ" in text)]
        super().assert_clean()

    async def register(self, expires: int = 600) -> Message:
        request, _ = self.build("REGISTER", self.alice, self.alice)
        request.start = f"REGISTER sip:{self.names.domain} SIP/2.0"
        request.add("Contact", self.dialect.contact(self.alice)).add("Expires", str(expires))
        return await self.exchange(request)

    async def publish(self, state: str, note: str = "", expires: int = 600) -> Message:
        """RFC 3903; later ones replace the first by its entity tag."""
        request, _ = self.build("PUBLISH", self.alice, self.alice)
        request.add("Event", "presence").add("Expires", str(expires))
        if self.etag:
            request.add("SIP-If-Match", self.etag)
        if expires:
            self.users[self.alice].state, self.users[self.alice].note = state, note
            content_type, request.body = self.presence_of(self.alice)
            request.add("Content-Type", content_type)
        answer = await self.exchange(request)
        self.etag = answer.get("SIP-ETag")
        return answer
