# SPDX-License-Identifier: MIT
"""baresip (package baresip-core) as alice's client: without a screen or sound, told what to do over its control connection, read by its output."""
from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path

from labkit.ca import BOTH, bundle
from labkit.process import Process, tail

from _names import PORT, NameServer
from run import Skip

MODULES = next(iter(Path(folder) for folder in ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules") if Path(folder).is_dir()), None)
CONTROL = 4444


def needed() -> None:
    if not shutil.which("baresip") or not MODULES:
        raise Skip("baresip (package baresip-core) is not installed")


class Baresip:
    """
    alice at `address`:`port`, over the transport of the lab. `next_hop` is where all her requests go; `registers` whether she has a registrar and
    a presence server there. Her one contact is `contact`, whom she follows as soon as she runs.
    """

    def __init__(self, lab, address: str, port: int, next_hop: tuple[str, int], registers: bool, contact: str) -> None:
        self.lab, self.address, self.port, self.next_hop, self.registers, self.contact = lab, address, port, next_hop, registers, contact
        self.directory = lab.directory / "baresip"
        self.log = self.directory / "output.log"
        self.control = self.names = self.process = None

    def prepare(self, names: list[str]) -> None:
        """`names` are those of its certificate."""
        lab, transport = self.lab, self.lab.options.transport
        self.directory.mkdir()
        bundle(*lab.ca.issue("baresip", names, BOTH), self.directory / "own.pem")
        # It takes the next port for TLS.
        lines = [f"module_path {MODULES}", f"sip_listen {self.address}:{self.port - (transport == 'tls')}", f"sip_certificate {self.directory}/own.pem",
                 f"sip_cafile {lab.ca.certificate}", "sip_verify_server yes", f"net_interface {self.address}", f"dns_server {self.address}:{PORT}",
                 f"ctrl_tcp_listen {self.address}:{CONTROL}", "module_tmp uuid.so", "module_tmp account.so"]
        lines += [f"module_app {name}.so" for name in ("contact", "menu", "presence", "ctrl_tcp")]
        (self.directory / "config").write_text("\n".join(lines) + "\n")
        seconds = 600 if self.registers else 0
        (self.directory / "accounts").write_text(
            f"<sip:{lab.alice};transport={transport}>;auth_pass=secret;outbound=\"sip:%s:%d;transport={transport}\";regint={seconds};pubint={seconds}\n"
            % self.next_hop)
        (self.directory / "contacts").write_text(f'"Bob" <sip:{self.contact}>;presence=p2p\n')
        lab.setting.unprivileged.own(self.directory)

    async def __aenter__(self) -> "Baresip":
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, kind, *_) -> None:
        alive = self.process.alive()
        if kind is not None:
            print(self.tail())
        await self.stop()
        assert kind is not None or alive, f"baresip has ended\n{self.tail()}"

    async def start(self) -> None:
        names = (line.split() for line in self.lab.setting.hosts.read_text().splitlines())
        self.names = await NameServer({name: address for address, name in names}).start(self.address)
        command = [*self.lab.setting.unprivileged.prefix(), "baresip", "-f", str(self.directory), "-s"]
        self.process = Process.start("baresip", command, self.log, directory=self.directory)
        await asyncio.to_thread(self.process.wait_until, lambda: "baresip is ready" in self.text(), 10, "it is ready")
        self.control = await asyncio.open_connection(self.address, CONTROL)

    async def tell(self, command: str, parameters: str = "") -> str:
        """One command of its menu; gives what it prints for it."""
        reader, writer = self.control
        line = json.dumps({"command": command, "params": parameters, "token": "t"}).encode()
        writer.write(b"%d:%s," % (len(line), line))
        while True:
            length = int((await asyncio.wait_for(reader.readuntil(b":"), 10))[:-1])
            answer = json.loads((await asyncio.wait_for(reader.readexactly(length + 1), 10))[:-1])
            if answer.get("response"):
                assert answer["ok"], answer
                return answer["data"]

    async def tell_until(self, command: str, pattern: str, seconds: float = 10) -> str:
        """Again and again until what it prints has the pattern."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not re.search(pattern, text := await self.tell(command)):
            assert asyncio.get_running_loop().time() < deadline, f"{command}: {text!r}, {pattern!r} expected\n{self.tail()}"
            await asyncio.sleep(0.1)
        return text

    async def wait_text(self, pattern: str, seconds: float = 10) -> None:
        """Until its output, the SIP messages included, has the pattern."""
        await asyncio.to_thread(self.process.wait_until, lambda: re.search(pattern, self.text()) is not None, seconds, pattern)

    def text(self) -> str:
        return self.log.read_text("utf-8", "replace").replace("\r\n", "\n") if self.log.exists() else ""

    def tail(self, lines: int = 100) -> str:
        return tail(self.log, lines, "baresip")

    async def stop(self) -> None:
        if self.names:
            self.names.stop()
        if self.control:
            self.control[1].close()
        if self.process:
            await asyncio.to_thread(self.process.stop, 2)   # without a registrar it waits for its subscriptions, for ever


async def follows(lab, alice: Baresip, bob) -> None:
    """She follows bob as soon as she runs."""
    await bob.wait_presence(lab.alice, "subscribe", timeout=15)
    bob.approve(lab.alice)
    await alice.tell_until("contacts", "Online.*bob@")
    bob.presence(show="away")
    await alice.tell_until("contacts", "Offline.*bob@")   # what it makes of <rpid:away/>
    bob.presence(show="dnd")
    await alice.tell_until("contacts", "Busy.*bob@")


async def talks(lab, alice: Baresip, bob) -> None:
    """A message in each direction."""
    await alice.tell("message", "Hello Bob")
    await bob.wait_message(lab.alice, "Hello Bob")
    since = lab.stoxd.log_size()
    bob.send(lab.alice, "Hello Alice")
    # It shows it to a user interface, of which there is none: her own client has taken it.
    await alice.wait_text(r"\nHello Alice\b[^#]*#[^#]*\nSIP/2\.0 200 OK\n[^#]*\nCSeq: \d+ MESSAGE\n")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5, since)
