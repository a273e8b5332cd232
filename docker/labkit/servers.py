# SPDX-License-Identifier: MIT
"""The XMPP servers of the lab: Prosody or ejabberd as the edge, a second Prosody as the partner. Started and ended by pid."""
from __future__ import annotations

import os
import re
import shutil
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from .ca import BOTH, CertificateAuthority, bundle
from .names import with_names
from .ports import free_port
from .process import Process, Unprivileged, tail
from .templates import fill


@dataclass
class Setting:
    """What all servers share."""

    directory: Path            # of the whole lab
    ca: CertificateAuthority
    hosts: Path                # hosts file with every name of the lab
    unprivileged: Unprivileged
    domain: str = "contoso.example"
    secret: str = "lab-component-secret"
    partner: str = "partner.example"
    stranger: str = "stranger.example"
    s2s_port: int = 5269
    component_port: int = 5347
    client_port: int = 5222


@dataclass
class Server:
    setting: Setting
    address: str
    name: str
    process: Optional[Process] = None
    extra_logs: list[Path] = field(default_factory=list)

    @property
    def directory(self) -> Path:
        return self.setting.directory / self.name

    def prepare(self) -> None:
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        if self.process:
            self.process.stop()

    def kill(self) -> None:
        if self.process:
            self.process.kill()

    def restart(self, down: float = 0) -> None:
        self.stop()
        time.sleep(down)
        self.start()

    def tail(self, lines: int = 15) -> str:
        used = [log for log in self.extra_logs if log.exists() and log.stat().st_size > 0]
        return "\n".join(tail(log, lines, self.name) for log in used or self.extra_logs[:1])

    def _certificates(self, *hosts: str) -> Path:
        """NAME.crt and NAME.key for each host; serverAuth and clientAuth, as SASL EXTERNAL presents them as a client too."""
        target = self.directory / "certs"
        target.mkdir(parents=True, exist_ok=True)
        for host in hosts:
            certificate, key = self.setting.ca.issue(f"xmpp-{host}", [host], BOTH)
            shutil.copy(certificate, target / f"{host}.crt")
            shutil.copy(key, target / f"{host}.key")
        return target


def answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), 0.5):
            return True
    except OSError:
        return False


class Prosody(Server):
    """`role` is "edge" or "partner"."""

    def __init__(self, setting: Setting, address: str, role: str) -> None:
        super().__init__(setting, address, f"prosody-{role}")
        self.role = role
        self.extra_logs = [self.directory / "prosody.log", self.directory / "output.log"]

    def prepare(self, accounts: Optional[dict[str, str]] = None) -> None:
        """`accounts` are JID -> password (partner)."""
        s = self.setting
        (self.directory / "data").mkdir(parents=True, exist_ok=True)
        if self.role == "edge":
            self._certificates(s.domain, f"edge.{s.domain}")
        else:
            self._certificates(s.partner, s.stranger)
        fill(f"prosody/{self.role}.cfg.lua.in", self.directory / "prosody.cfg.lua", directory=self.directory,
             address=self.address, s2s_port=s.s2s_port, component_port=s.component_port, client_port=s.client_port,
             ca=s.ca.certificate, hosts=s.hosts, domain=s.domain, secret=s.secret, partner=s.partner,
             stranger=s.stranger)
        for jid, password in (accounts or {}).items():
            self.account(jid, password)
        s.unprivileged.own(self.directory)

    def account(self, jid: str, password: str) -> None:
        user, _, host = jid.partition("@")
        folder = self.directory / "data" / encode(host) / "accounts"
        folder.mkdir(parents=True, exist_ok=True)
        escaped = password.replace("\\", "\\\\").replace('"', '\\"')
        (folder / f"{encode(user)}.dat").write_text('return {\n\t["password"] = "%s";\n};\n' % escaped)

    def start(self) -> None:
        log = self.extra_logs[0]
        before = log.stat().st_size if log.exists() else 0
        command = self.setting.unprivileged.prefix() + [
            "prosody", "--config", str(self.directory / "prosody.cfg.lua"), "-F"]
        self.process = Process.start(self.name, command, self.extra_logs[1], directory=self.directory)
        self.process.log = log
        self.process.wait_until(lambda: self._says(before, b"Activated service 's2s' on"), 15, "s2s is open")
        port = self.setting.component_port if self.role == "edge" else self.setting.client_port
        self.process.wait_until(lambda: answers(self.address, port), 10, f"port {port} answers")

    def _says(self, offset: int, what: bytes) -> bool:
        try:
            with open(self.extra_logs[0], "rb") as log:
                log.seek(offset)
                return what in log.read()
        except OSError:
            return False


def encode(name: str) -> str:
    """The file names of Prosody's internal storage."""
    return re.sub(r"[^A-Za-z0-9]", lambda m: "".join(f"%{byte:02x}" for byte in m.group().encode()), name)


class Ejabberd(Server):
    """Without ejabberdctl, its user and epmd: as whoever the lab is (lab notes in docker/ejabberd)."""

    def __init__(self, setting: Setting, address: str) -> None:
        super().__init__(setting, address, "ejabberd-edge")
        self.extra_logs = [self.directory / "log" / "ejabberd.log", self.directory / "output.log"]

    def prepare(self) -> None:
        s = self.setting
        for folder in ("log", "spool"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        certificate, key = s.ca.issue("ejabberd", [s.domain, f"edge.{s.domain}"], BOTH)
        bundle(certificate, key, self.directory / "edge.pem")
        values = dict(directory=self.directory, address=self.address, s2s_port=s.s2s_port, domain=s.domain,
                      component_port=s.component_port, ca=s.ca.certificate, secret=s.secret, hosts=s.hosts)
        fill("ejabberd/ejabberd.yml.in", self.directory / "ejabberd.yml", **values)
        fill("ejabberd/inetrc.in", self.directory / "inetrc", **values)
        s.unprivileged.own(self.directory)

    def start(self) -> None:
        here = self.directory
        environment = dict(os.environ, HOME=str(here), EJABBERD_CONFIG_PATH=str(here / "ejabberd.yml"),
                           EJABBERD_LOG_PATH=str(here / "log" / "ejabberd.log"), ERL_LIBS=erl_libs(),
                           EJABBERD_PID_PATH=str(here / "ejabberd.pid"), ERL_INETRC=str(here / "inetrc"),
                           ERL_CRASH_DUMP_BYTES="0")
        command = self.setting.unprivileged.prefix() + [
            "erl", "+K", "true", "-noinput", "-noshell", "-sname", "stoxdlab@localhost", "-start_epmd", "false",
            "-erl_epmd_port", str(free_port()), "-kernel", "inet_dist_use_interface", "{127,0,0,1}",
            "-setcookie", "stoxdlab", "-mnesia", "dir", f'"{here}/spool"', "-ejabberd", "log_rotate_count", "0",
            "-s", "ejabberd"]
        # Host addresses go through getaddrinfo, which knows nothing of inetrc.
        command = with_names(self.setting.hosts, command, environment)
        self.process = Process.start(self.name, command, self.extra_logs[1], environment, here)
        self.process.log = self.extra_logs[0]
        for port in (self.setting.s2s_port, self.setting.component_port):
            self.process.wait_until(lambda p=port: answers(self.address, p), 30, f"port {port} answers")

    def stop(self) -> None:
        if self.process:
            self.process.stop(15)


def erl_libs() -> str:
    """Where the distribution keeps ejabberd's libraries, as its own script says."""
    try:
        found = re.search(r"^ERL_LIBS='?([^'\n]+)'?", Path("/usr/sbin/ejabberdctl").read_text(), re.M)
    except OSError:
        found = None
    return found.group(1) if found else "/usr/lib/" + os.uname().machine + "-linux-gnu"
