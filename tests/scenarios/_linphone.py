# SPDX-License-Identifier: MIT
"""linphonec (package linphone-cli) as alice's client: without a screen or sound, its commands by standard input, read by its output."""
from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess

from labkit import netns
from labkit.process import Process, start_time, tail

from run import Skip


def needed() -> None:
    if not shutil.which("linphonec"):
        raise Skip("linphonec (package linphone-cli) is not installed")
    if not netns.inside():
        raise Skip("linphonec wants a network with a default route, which can only be made in a network namespace")


def network() -> None:
    """It thinks itself off line as long as its way to the world begins at 127.0.0.1: a documentation address, on the loopback all the same."""
    for words in ("address add 192.0.2.21/32 dev lo", "route add default dev lo src 192.0.2.21"):
        subprocess.run(["ip", *words.split()], check=True, timeout=10)


class Linphone:
    """alice, registered over TCP at `registrar`, who follows `contact`."""

    def __init__(self, lab, registrar: tuple[str, int], contact: str) -> None:
        self.lab, self.registrar, self.contact = lab, registrar, contact
        self.directory = lab.directory / "linphone"
        self.log, self.trace = self.directory / "output.log", self.directory / "trace.log"
        self.process = None

    def prepare(self) -> None:
        user, _, domain = self.lab.alice.partition("@")
        for folder in (".local/share/linphone", ".config/linphone"):
            (self.directory / folder).mkdir(parents=True)
        (self.directory / "settings").write_text(
            "[sip]\nsip_port=-1\nsip_tcp_port=-1\nsip_tls_port=-1\nuse_ipv6=0\ndefault_proxy=0\nguess_hostname=0\n"
            "[net]\nmtu=1300\n[sound]\nplayback_dev_id=none\n"
            f"[proxy_0]\nreg_proxy=<sip:%s:%d;transport=tcp>\nreg_route=<sip:%s:%d;transport=tcp;lr>\nreg_identity=<sip:{self.lab.alice}>\n"
            "reg_expires=600\nreg_sendregister=1\npublish=1\npublish_expires=600\n"
            f"[auth_info_0]\nusername={user}\npasswd=secret\nrealm={domain}\ndomain={domain}\n"
            f"[friend_0]\nurl=\"Bob\" <sip:{self.contact}>\npol=accept\nsubscribe=1\n" % (*self.registrar, *self.registrar))
        self.lab.setting.unprivileged.own(self.directory)

    async def __aenter__(self) -> "Linphone":
        network()
        command = [*self.lab.setting.unprivileged.prefix(), "linphonec", "-c", str(self.directory / "settings"), "-d", "5", "-l", str(self.trace)]
        with open(self.log, "ab") as out:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, cwd=self.directory,
                                     env=dict(os.environ, HOME=str(self.directory)), start_new_session=True)
        self.process = Process("linphonec", child.pid, start_time(child.pid), self.log, child)
        return self

    def tell(self, line: str) -> None:
        """One line of its menu."""
        self.process.child.stdin.write(line.encode() + b"\n")
        self.process.child.stdin.flush()

    async def wait_text(self, pattern: str, seconds: float = 10) -> None:
        """Until what it prints has the pattern."""
        await asyncio.to_thread(self.process.wait_until, lambda: re.search(pattern, self.text()) is not None, seconds, pattern)

    async def wait_trace(self, pattern: str, seconds: float = 10) -> None:
        """Until its trace, the SIP messages included, has the pattern."""
        def there() -> bool:
            return self.trace.exists() and re.search(pattern, self.trace.read_text("utf-8", "replace").replace("\r\n", "\n")) is not None
        await asyncio.to_thread(self.process.wait_until, there, seconds, pattern)

    def text(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def tail(self) -> str:
        return tail(self.log, 30, "linphonec") + "\n" + tail(self.trace, 150, "linphonec's trace")

    async def __aexit__(self, kind, *_) -> None:
        alive = self.process.alive()
        if kind is not None:
            print(self.tail())
        self.process.child.stdin.close()
        await asyncio.to_thread(self.process.stop, 3)
        assert kind is not None or alive, f"linphonec has ended\n{self.tail()}"
