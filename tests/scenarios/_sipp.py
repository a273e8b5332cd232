# SPDX-License-Identifier: MIT
"""sipp (package sip-tester) as the SIP side: one run for each exchange, at the front end's address, over TCP."""
from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from labkit.process import Process, tail

from run import Skip

HERE = Path(__file__).resolve().parent / "sipp"
SECONDS = 30


def needed() -> None:
    if not shutil.which("sipp"):
        raise Skip("sipp (package sip-tester) is not installed")


def listening(address: str, port: int) -> bool:
    """Looked up in the kernel's table: a connection for a try would be a call to sipp."""
    octets = "".join(f"{int(part):02X}" for part in reversed(address.split(".")))
    rows = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    return any(row.split()[1] == f"{octets}:{port:04X}" and row.split()[3] == "0A" for row in rows)


class Sipp:
    """
    async with Sipp(lab, "watcher", keys...): the scenario sipp/watcher.xml, once. At the end of the block it must have gone through to its end
    with everything expected and nothing else. A scenario that begins with <recv> listens first.
    """

    def __init__(self, lab, name: str, **keys: str) -> None:
        self.lab, self.name = lab, name
        self.file = HERE / f"{name}.xml"
        self.directory = lab.directory / "sipp"
        self.serves = "<recv request" in self.file.read_text().partition("<send")[0]
        self.keys = {"alice": lab.alice, "bob": lab.bob, **keys}

    async def __aenter__(self) -> "Sipp":
        self.directory.mkdir(exist_ok=True)
        p = self.lab.places
        self.errors, self.trace = (self.directory / f"{self.name}.{kind}" for kind in ("errors", "trace"))
        command = ["sipp", "-sf", str(self.file), "-t", "t1", "-i", p.frontend, "-p", str(p.sip), "-bind_local", "-m", "1",
                   "-nostdin", "-skip_rlimit", "-timeout", str(SECONDS), "-timeout_error", "-recv_timeout", str(SECONDS * 1000),
                   "-trace_err", "-error_file", str(self.errors), "-trace_msg", "-message_file", str(self.trace)]
        for name, value in self.keys.items():
            command += ["-key", name, value]
        if not self.serves:
            command.append(f"{p.gateway}:{p.sip}")
        self.process = Process.start("sipp", command, self.directory / f"{self.name}.output", directory=self.directory)
        if self.serves:
            await asyncio.to_thread(self.process.wait_until, lambda: listening(p.frontend, p.sip), 10, "it listens")
        return self

    async def __aexit__(self, kind, error, trace) -> None:
        try:
            if kind is None:
                status = await asyncio.to_thread(self.process.child.wait, SECONDS + 5)
                assert status == 0, f"sipp ended with {status} in {self.name}\n{self.story()}"
        finally:
            if kind is not None:
                print(self.story())
            await asyncio.to_thread(self.process.stop)

    def story(self) -> str:
        return tail(self.trace, 90, "sipp's messages") + "\n" + tail(self.errors, 20, "sipp's errors")

    def wait_state(self, state: str, seconds: float = 10) -> None:
        """Until a NOTIFY with that Subscription-State has come. Blocks."""
        self.process.wait_until(
            lambda: self.trace.exists() and f"Subscription-State: {state}" in self.trace.read_text("utf-8", "replace"),
            seconds, f"NOTIFY {state}")
