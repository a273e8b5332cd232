# SPDX-License-Identifier: MIT
"""stoxd in the lab: its settings file, and the daemon as a process."""
from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from .ports import Places
from .process import Process, tail
from .names import with_names
from .servers import Setting, answers


@dataclass
class StoxdOptions:
    dialect: str = "lync"
    transport: str = "tls"
    partners: list[str] = field(default_factory=lambda: ["partner.example"])
    extra: dict[str, dict[str, str]] = field(default_factory=dict)  # group -> key -> value, replaces or adds; TRANSPORT becomes the transport
    environment: dict[str, str] = field(default_factory=dict)
    wrapper: list[str] = field(default_factory=list)                # valgrind and the like


class Stoxd:
    """`program` is the executable."""

    def __init__(self, program: Path, setting: Setting, places: Places, options: StoxdOptions) -> None:
        self.program, self.setting, self.places, self.options = program, setting, places, options
        self.directory = setting.directory / "stoxd"
        self.log = self.directory / "stoxd.log"
        self.config = self.directory / "stoxd.conf"
        self.process: Optional[Process] = None

    def listens(self) -> list[str]:
        """What is too large for UDP comes over TCP."""
        return ["udp", "tcp"] if self.options.transport == "udp" else [self.options.transport]

    def groups(self) -> dict[str, dict[str, str]]:
        s, p, o = self.setting, self.places, self.options
        groups: dict[str, dict[str, str]] = {
            "component": {"server": f"{p.edge}:{p.component}"},
            f"domain {s.domain}": {"secret-file": str(self.directory / "secret"), "hop": "pool01"},
            "sip": {"listen": " ".join(f"{kind}:{p.gateway}:{p.sip}" for kind in self.listens()), "fqdn": f"xgw.{s.domain}"},
            "hop pool01": {"next-hop": f"{o.transport}:pool01.{s.domain}:{p.sip}", "dialect": o.dialect},
            "gateway": {},
        }
        if o.transport == "tls":
            groups["sip"] |= {"certificate": str(self.directory / "xgw.crt"),
                              "private-key": str(self.directory / "xgw.key")}
            groups["hop pool01"] |= {"ca": str(s.ca.certificate),
                                     "peers": f"pool01.{s.domain} fe01.{s.domain} fe02.{s.domain}"}
        else:
            groups["hop pool01"]["peers"] = f"{p.frontend} {p.frontend2} pool01.{s.domain} fe01.{s.domain}"
        for partner in o.partners:
            groups[f"partner {partner}"] = {}
        for group, keys in o.extra.items():
            groups.setdefault(group, {}).update({n: v.replace("TRANSPORT", o.transport) for n, v in keys.items()})
        return groups

    def prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        secret = self.directory / "secret"
        secret.write_text(self.setting.secret + "\n")
        secret.chmod(0o600)
        certificate, key = self.setting.ca.issue("xgw", [f"xgw.{self.setting.domain}"], "serverAuth")
        (self.directory / "xgw.crt").write_bytes(certificate.read_bytes())
        (self.directory / "xgw.key").write_bytes(key.read_bytes())
        (self.directory / "xgw.key").chmod(0o600)
        text = ["# Written by the lab.", ""]
        for group, keys in self.groups().items():
            text += [f"[{group}]"] + [f"{name} = {value}" for name, value in keys.items()] + [""]
        self.config.write_text("\n".join(text))
        self.setting.unprivileged.own(self.directory)

    def environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        for ours in ("NOTIFY_SOCKET", "STOXD_BUILD", "STOXD_BUILDS", "STOXD_LAB", "STOXD_LAB_NAMESPACE", "STOXD_KEEP"):   # not settings of the daemon
            environment.pop(ours, None)
        environment.update(self.options.environment)
        return environment

    def check(self) -> tuple[int, str]:
        """`stoxd check` on the file: exit status and what it printed."""
        done = subprocess.run([str(self.program), "check", "-c", str(self.config)], capture_output=True, text=True,
                              timeout=20)
        return done.returncode, done.stdout + done.stderr

    def start(self, wait: bool = True) -> None:
        command = [*self.setting.unprivileged.prefix(), *self.options.wrapper, str(self.program), "run", "-c",
                   str(self.config)]
        environment = self.environment()
        command = with_names(self.setting.hosts, command, environment)
        self.process = Process.start("stoxd", command, self.log, environment, self.directory)
        if wait:
            self.process.wait_until(lambda: answers(self.places.gateway, self.places.sip), 20, "the SIP port answers")

    def stop(self) -> Optional[int]:
        """SIGTERM; the exit status when it was our child."""
        if not self.process:
            return None
        self.process.stop()
        return self.process.child.returncode if self.process.child else None

    def kill(self) -> None:
        if self.process:
            self.process.kill()

    def wait_log(self, pattern: str, seconds: float = 10, since: int = 0) -> str:
        """The first log line from byte `since` on that the pattern is in."""
        deadline = time.monotonic() + seconds
        while True:
            text = self.log.read_bytes()[since:].decode("utf-8", "replace") if self.log.exists() else ""
            for line in text.splitlines():
                if re.search(pattern, line):
                    return line
            if time.monotonic() > deadline:
                raise AssertionError(f"stoxd did not log {pattern!r} within {seconds:g} s\n{self.tail()}")
            time.sleep(0.05)

    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def tail(self, lines: int = 15) -> str:
        return tail(self.log, lines, "stoxd")
