# SPDX-License-Identifier: MIT
"""Kamailio as the registrar and presence server behind a simple hop, alice's SIP client at it, and what they do over each transport."""
from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Optional

from labkit.ca import BOTH
from labkit.ports import can_listen
from labkit.process import Process, tail
from labkit.servers import answers
from labkit.templates import fill
from peers import documents
from peers.answers import User
from peers.dialects import Names
from peers.frontend import FrontEndStub, tls_contexts
from peers.sipmsg import Message, address_of

from _chat import fails_with, messages, nothing_more
from run import Skip

HERE = Path(__file__).resolve().parent / "kamailio"


def needed() -> None:
    modules = [path for path in Path("/usr/lib").glob("*/kamailio/modules/*.so")]
    for what, there in (("kamailio", shutil.which("kamailio")),
                        ("kamailio-tls-modules", any(m.name == "tls.so" for m in modules)),
                        ("kamailio-presence-modules", any(m.name == "presence_xml.so" for m in modules))):
        if not there:
            raise Skip(f"{what} is not installed")


class Kamailio:
    """At the front end's address, under the pool's name, in a directory of its own, as an unprivileged user."""

    def __init__(self, lab, *defines: str) -> None:
        self.lab, self.defines = lab, defines
        self.directory = lab.directory / "kamailio"
        self.log = self.directory / "output.log"
        self.process: Optional[Process] = None
        self.transport = lab.options.transport

    def prepare(self) -> None:
        lab, p = self.lab, self.lab.places
        self.directory.mkdir(parents=True, exist_ok=True)
        certificate, key = (shutil.copy(path, self.directory / path.name) for path in lab.frontend_certificate)
        fill(str(HERE / "kamailio.cfg.in"), self.directory / "kamailio.cfg", domain=lab.domain, address=p.frontend,
             port=p.sip, name=f"pool01.{lab.domain}", directory=self.directory, partner=lab.setting.partner, gateway=p.gateway, transport=self.transport)
        fill(str(HERE / "tls.cfg.in"), self.directory / "tls.cfg", key=key, certificate=certificate, ca=lab.ca.certificate)
        lab.setting.unprivileged.own(self.directory)

    def start(self) -> None:
        command = [*self.lab.setting.unprivileged.prefix(), "kamailio", "-f", str(self.directory / "kamailio.cfg"), "-DD", "-E",
                   "-m", "32", "-M", "8", "-Y", str(self.directory), "-P", str(self.directory / "kamailio.pid")]
        if self.transport == "tls":
            command += ["-A", "WITH_TLS"]
        for name in self.defines:
            command += ["-A", name]
        self.process = Process.start("kamailio", command, self.log, dict(os.environ), self.directory)
        self.process.wait_until(lambda: answers(self.lab.places.frontend, self.lab.places.sip), 15, "it answers")
        self.process.wait_until((self.directory / "control").exists, 5, "its control socket")
        # stoxd's Contact and Via have its name.
        self.command("dns.add_a", f"xgw.{self.lab.domain}", "3600", self.lab.places.gateway, "0")   # name, seconds, address, flags

    def command(self, *words: str) -> str:
        done = subprocess.run(["kamcmd", "-s", f"unix:{self.directory}/control", *words], capture_output=True, text=True, timeout=10)
        assert done.returncode == 0 and not done.stdout.startswith("error"), f"kamcmd {words[0]}: {done.stdout}{done.stderr}"
        return done.stdout

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
    """alice's user agent: registered at Kamailio over mutual TLS or TCP, at an address of its own. Nothing of it is a server's."""

    peer_is_proxy = True

    def __init__(self, lab, hook=None) -> None:
        p = lab.places
        address = p.base + ".21"
        wrong = can_listen(address, p.sip)
        assert not wrong, f"{address}:{p.sip}: {wrong}"
        tls = None
        if lab.options.transport == "tls":
            certificate, key = lab.ca.issue("alice", [f"alice-pc.{lab.domain}"], BOTH)
            tls = tls_contexts(str(certificate), str(key), str(lab.ca.certificate))
        names = Names(lab.domain, f"alice-pc.{lab.domain}", f"alice-pc.{lab.domain}", "tls" if tls else "tcp", address, p.sip)
        super().__init__("simple", (p.frontend, p.sip), names, {lab.alice: User("Alice")}, tls, f"pool01.{lab.domain}", hook)
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

    async def publish(self, state: str, note: str = "", expires: int = 600, idle_since: str = "") -> Message:
        """RFC 3903; later ones replace the first by its entity tag."""
        request, _ = self.build("PUBLISH", self.alice, self.alice)
        request.add("Event", "presence").add("Expires", str(expires))
        if self.etag:
            request.add("SIP-If-Match", self.etag)
        if expires:
            self.users[self.alice].state, self.users[self.alice].note = state, note
            request.add("Content-Type", "application/pidf+xml")
            request.body = documents.pidf_standard(f"sip:{self.alice}", state, note, idle_since)
        answer = await self.exchange(request)
        self.etag = answer.get("SIP-ETag")
        return answer


@contextlib.asynccontextmanager
async def behind_kamailio(lab, *defines: str):
    """The lab, with Kamailio at the front end's address, over the transport of the lab's options. `defines` are for kamailio.cfg."""
    needed()
    if lab.options.transport == "udp":   # and TCP, for what is too large (RFC 3261 s18.1.1)
        place = f"{lab.places.gateway}:{lab.places.sip}"
        lab.options.extra = {"sip": {"listen": f"udp:{place} tcp:{place}"}}
    lab.prepare()
    if lab.options.transport == "tls":
        # Kamailio leaves OpenSSL's check of purposes on: a peer that connects to it needs clientAuth, too.
        certificate, key = lab.ca.issue("xgw", [f"xgw.{lab.domain}"], BOTH)
        (lab.stoxd.directory / "xgw.crt").write_bytes(certificate.read_bytes())
        (lab.stoxd.directory / "xgw.key").write_bytes(key.read_bytes())
    kamailio = Kamailio(lab, *defines)
    kamailio.prepare()
    try:
        await asyncio.to_thread(kamailio.start)
        await asyncio.to_thread(lab.start)
        await lab.wait_attached()
        yield kamailio
        assert lab.stoxd.process.alive(), "stoxd has ended"
        assert not kamailio.faults(), kamailio.faults()
    except BaseException:
        print(kamailio.tail(80))
        print(lab.tails(40))
        raise
    finally:
        await lab.__aexit__()
        await asyncio.to_thread(kamailio.stop)


async def through_kamailio(lab) -> None:
    """The scenario of alice's client."""
    async with behind_kamailio(lab) as kamailio:
        alice = Client(lab)
        lab.stubs.append(alice)
        await alice.start()
        await play(lab, alice, kamailio)
        alice.assert_clean()


async def play(lab, alice, kamailio):
    bob = await lab.user(lab.bob, resource="desk")
    assert (await alice.register()).status == 200
    answer = await alice.publish("available")
    assert answer.status == 200 and alice.etag, answer.start

    # bob follows alice: Kamailio is the notifier, what she publishes is what he sees.
    bob.subscribe(lab.alice)
    await bob.wait_presence(lab.alice, "subscribed")
    await bob.wait_presence(lab.alice, show="")
    assert (await alice.publish("busy", "in a call")).status == 200
    await bob.wait_presence(lab.alice, show="dnd")
    # Away since some time, which Kamailio passes on (P-152), and back.
    assert (await alice.publish("away", idle_since="2026-01-01T10:00:00Z")).status == 200
    seen = await bob.wait_presence(lab.alice, show="away")
    assert seen.xml.find("{urn:xmpp:idle:1}idle").get("since") == "2026-01-01T10:00:00.000Z"
    assert (await alice.publish("available")).status == 200
    assert (await bob.wait_presence(lab.alice, show="")).xml.find("{urn:xmpp:idle:1}idle") is None
    assert (await alice.publish("", expires=0)).status == 200
    await bob.wait_presence(lab.alice, "unavailable")

    # Page mode in both directions: bob's by her registration, hers by Kamailio's route to stoxd.
    bob.send(lab.alice, "Hello Alice")
    await alice.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="Hello Alice")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)
    answer = await alice.message(lab.alice, lab.bob, "Hello Bob")
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, "Hello Bob")
    if kamailio.transport == "udp":
        await too_large_for_udp(lab, alice, kamailio, bob)

    # A session of hers: every request in it passes Kamailio's record route, in both directions.
    session = await alice.invite(lab.alice, lab.bob)
    assert session.route, "Kamailio's Record-Route came back in the 200"
    assert (await alice.message(lab.alice, lab.bob, "In a session", page=False)).status == 200
    seen = await bob.wait_message(lab.alice, "In a session")
    bob.send(lab.alice, "As well", thread=seen.xml.findtext("{jabber:client}thread"))
    message = await alice.wait_request("MESSAGE", user=lab.alice, text="As well")
    assert message.call_id == session.call_id, "in her session"
    assert (await alice.bye(session)).status == 200

    # alice follows bob: the dialog's requests come and go through Kamailio's record route.
    watch = await alice.watch(lab.alice, lab.bob)
    await bob.wait_presence(lab.alice, "subscribe")
    bob.approve(lab.alice)
    await alice.wait_seen(lab.alice, lab.bob, lambda s: s["open"], "Bob available")
    bob.raw("<presence><show>away</show><idle xmlns='urn:xmpp:idle:1' since='2026-01-01T10:00:00Z'/></presence>")
    seen = await alice.wait_seen(lab.alice, lab.bob, lambda s: "away" in s["activities"], "Bob away")
    assert seen["idle"] == "2026-01-01T10:00:00.000Z", seen
    await alice.refresh(watch, 0)
    await alice.wait_seen(lab.alice, lab.bob, lambda s: s["state"].startswith("terminated"), "the end")

    # Who is not registered cannot be written to.
    ident = bob.send(f"carol@{lab.domain}", "anybody?")
    await fails_with(bob, ident, f"carol@{lab.domain}", "item-not-found", "cancel", "404")

    # He stops following: in the same dialog, and Kamailio's last NOTIFY is taken.
    bob.unsubscribe(lab.alice)
    await asyncio.to_thread(kamailio.wait_log, rf"SUBSCRIBE sip:pool01\.{lab.domain}:\d+;transport={kamailio.transport} from sip:{lab.bob}, expires 0,")
    await nothing_more(bob)
    assert not messages(bob)


async def too_large_for_udp(lab, alice, kamailio, bob):
    """RFC 3261 s18.1.1: what is over 1300 bytes goes over TCP, in both directions; the smaller one went over UDP."""
    gateway, large = lab.places.gateway, "large " * 300 + "!"
    await asyncio.to_thread(kamailio.wait_log, rf"MESSAGE sip:{lab.alice} .* over udp from {gateway}\n")
    answer = await alice.message(lab.alice, lab.bob, large)
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, large)
    connections = await asyncio.to_thread(kamailio.command, "core.tcp_list")
    assert f"src_ip: {gateway}" in connections, connections   # the other end's, to Kamailio
    bob.send(lab.alice, large)
    await alice.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text=large)
    await asyncio.to_thread(kamailio.wait_log, rf"MESSAGE sip:{lab.alice} from sip:{lab.bob}\S* .* over tcp from")
