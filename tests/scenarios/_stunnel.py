# SPDX-License-Identifier: MIT
"""stunnel (package stunnel4) around a SIP program that knows no TLS: mutual TLS with the lab's CA toward stoxd, in both directions."""
from __future__ import annotations

import asyncio
import shutil

from labkit.ca import BOTH
from labkit.process import Process, tail

from _sipp import listening
from run import Skip

INSIDE, OUTWARD = 15060, 15061   # where the program listens; where it calls stoxd


def needed() -> None:
    if not shutil.which("stunnel4"):
        raise Skip("stunnel4 is not installed")


def gateway_certificate(lab) -> None:
    """stunnel leaves OpenSSL's check of purposes on: stoxd's certificate needs clientAuth as well to be taken when stoxd connects."""
    certificate, key = lab.ca.issue("xgw", [f"xgw.{lab.domain}"], BOTH)
    (lab.stoxd.directory / "xgw.crt").write_bytes(certificate.read_bytes())
    (lab.stoxd.directory / "xgw.key").write_bytes(key.read_bytes())


class Stunnel:
    """
    At the front end's address: its SIP port, TLS, to the program's INSIDE port; its OUTWARD port, plain, to stoxd over TLS. Both ends must have a
    certificate of the CA; stoxd's must be of its name.
    """

    def __init__(self, lab) -> None:
        self.lab = lab
        self.directory = lab.directory / "stunnel"
        self.log = self.directory / "stunnel.log"

    def start(self) -> "Stunnel":
        lab, p = self.lab, self.lab.places
        self.directory.mkdir(exist_ok=True)
        certificate, key = lab.frontend_certificate
        both = f"cert = {certificate}\nkey = {key}\nCAfile = {lab.ca.certificate}\nverifyChain = yes\ncheckHost = xgw.{lab.domain}\n"
        config = self.directory / "stunnel.conf"
        config.write_text(
            "foreground = yes\npid =\nsyslog = no\ndebug = 5\n"
            f"[in]\naccept = {p.frontend}:{p.sip}\nconnect = {p.frontend}:{INSIDE}\nrequireCert = yes\n{both}"
            f"[out]\nclient = yes\naccept = {p.frontend}:{OUTWARD}\nconnect = {p.gateway}:{p.sip}\nlocal = {p.frontend}\n"
            f"sni = xgw.{lab.domain}\n{both}")
        self.process = Process.start("stunnel", ["stunnel4", str(config)], self.log, directory=self.directory)
        self.process.wait_until(lambda: listening(p.frontend, p.sip) and listening(p.frontend, OUTWARD), 10, "it listens")
        return self

    def stop(self) -> None:
        self.process.stop()

    def text(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def tail(self, lines: int = 40) -> str:
        return tail(self.log, lines, "stunnel")

    async def __aenter__(self) -> "Stunnel":
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, kind, *_) -> None:
        if kind is not None:
            print(self.tail())
        await asyncio.to_thread(self.stop)
