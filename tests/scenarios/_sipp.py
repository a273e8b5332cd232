# SPDX-License-Identifier: MIT
"""sipp (package sip-tester) as the SIP side: one run for each exchange, at the front end's address, over TCP or, when the lab is of UDP, over UDP."""
from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Optional

from labkit.process import Process, tail
from labkit.templates import fill

from run import Skip

HERE = Path(__file__).resolve().parent / "sipp"
SECONDS = 30
# What follows a refused INVITE, in a scenario file that is filled in.
ACK = """  <send><![CDATA[

ACK sip:[bob] SIP/2.0
[last_Via:]
Max-Forwards: 70
From: <sip:[alice]>;tag=[pid]a[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

]]></send>"""


def needed() -> None:
    if not shutil.which("sipp"):
        raise Skip("sipp (package sip-tester) is not installed")


def listening(address: str, port: int, kind: str = "tcp") -> bool:
    """Looked up in the kernel's table: a connection for a try would be a call to sipp."""
    state = {"tcp": "0A", "udp": "07"}[kind]
    octets = "".join(f"{int(part):02X}" for part in reversed(address.split(".")))
    rows = Path(f"/proc/self/net/{kind}").read_text().splitlines()[1:]
    return any(row.split()[1] == f"{octets}:{port:04X}" and row.split()[3] == state for row in rows)


class Sipp:
    """
    async with Sipp(lab, "watcher", keys...): the scenario sipp/watcher.xml, once. At the end of the block it must have gone through to its end
    with everything expected and nothing else. A scenario that begins with <recv> listens first.

    `rows` are the [field0], [field1] ... of one call each, in the order of the calls, and say how many calls there are; `calls` and `rate` (a
    second) are for many calls without rows. `fills` are the @NAMES@ of a scenario sipp/NAME.xml.in. `at` is sipp's own port at the front end's
    address, `to` the address and port it calls: other ones when there is a TLS wrapper in between.
    """

    def __init__(self, lab, name: str, rows: Optional[list[tuple[str, ...]]] = None, calls: int = 1, rate: int = 0,
                 fills: Optional[dict[str, str]] = None, at: int = 0, to: Optional[tuple[str, int]] = None, seconds: int = SECONDS,
                 **keys: str) -> None:
        p = lab.places
        self.lab, self.name, self.seconds = lab, name, seconds
        self.directory = lab.directory / "sipp"
        self.directory.mkdir(exist_ok=True)
        self.file = HERE / f"{name}.xml"
        if fills is not None:
            self.file = fill(str(HERE / f"{name}.xml.in"), self.directory / f"{name}.xml", **fills)
        self.serves = "<recv request" in self.file.read_text().partition("<send")[0]
        self.transport = "udp" if lab.options.transport == "udp" else "tcp"
        self.keys = {"alice": lab.alice, "bob": lab.bob, "via": self.transport.upper(),
                     "contact": f"{p.frontend}:{p.sip};transport={self.transport}", **keys}
        self.rows, self.calls, self.rate = rows, len(rows) if rows else calls, rate
        self.at, self.to = at or p.sip, to or (p.gateway, p.sip)

    @classmethod
    def refusing(cls, lab, method: str, rows: list[tuple[str, str]], **more) -> "Sipp":
        """Refuses one request of that method after the other: status line (without version) and one more header each."""
        choices, jumps, branches = [], [], []
        for number, (status, header) in enumerate(rows):
            choices.append(f'''      <strcmp assign_to="differs{number}" variable="row" value="row{number}"/>
      <test assign_to="is{number}" variable="differs{number}" compare="equal" value="0"/>''')
            jumps.append(f'  <nop test="is{number}" next="row{number}"/>')
            branches.append(f'''  <label id="row{number}"/>
  <send next="end"><![CDATA[

SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]b[call_number]
[last_Call-ID:]
[last_CSeq:]
{header}
Content-Length: 0

]]></send>''')
        end = '  <recv request="ACK"/>' if method == "INVITE" else ""
        return cls(lab, "refusals", [(f"row{number}",) for number in range(len(rows))], fills={
            "method": method, "choices": "\n".join(choices), "jumps": "\n".join(jumps), "branches": "\n".join(branches), "end": end}, **more)

    def command(self) -> list[str]:
        self.errors, self.trace, self.table = (self.directory / f"{self.name}.{kind}" for kind in ("errors", "trace", "csv"))
        for old in (self.errors, self.trace):
            old.unlink(missing_ok=True)
        command = ["sipp", "-sf", str(self.file), "-t", f"{self.transport[0]}1", "-i", self.lab.places.frontend, "-p", str(self.at), "-bind_local",
                   "-m", str(self.calls), "-nostdin", "-skip_rlimit", "-timeout", str(self.seconds), "-timeout_error",
                   "-recv_timeout", str(self.seconds * 1000), "-trace_err", "-error_file", str(self.errors), "-trace_msg",
                   "-message_file", str(self.trace)]
        if self.rate:
            command += ["-r", str(self.rate), "-l", str(self.calls)]
        if self.rows:
            self.table.write_text("SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in self.rows))
            command += ["-inf", str(self.table)]
        for name, value in self.keys.items():
            command += ["-key", name, value]
        if not self.serves:
            command.append("%s:%d" % self.to)
        return command

    async def __aenter__(self) -> "Sipp":
        self.process = Process.start("sipp", self.command(), self.directory / f"{self.name}.output", directory=self.directory)
        if self.serves:
            await asyncio.to_thread(self.process.wait_until, lambda: listening(self.lab.places.frontend, self.at, self.transport), 10, "it listens")
        return self

    async def __aexit__(self, kind, error, trace) -> None:
        try:
            if kind is None:
                status = await asyncio.to_thread(self.process.child.wait, self.seconds + 5)
                assert status == 0, f"sipp ended with {status} in {self.name} {self.keys}\n{self.story()}"
        finally:
            if kind is not None:
                print(self.story())
            await asyncio.to_thread(self.process.stop)

    def story(self) -> str:
        return tail(self.trace, 120, "sipp's messages") + "\n" + tail(self.errors, 20, "sipp's errors")

    def messages(self) -> str:
        """What has gone in and out so far, as sipp writes it."""
        return self.trace.read_text("utf-8", "replace") if self.trace.exists() else ""

    def wait_trace(self, text: str, seconds: float = 10, times: int = 1) -> None:
        """Until that text has come or gone so many times. Blocks."""
        self.process.wait_until(lambda: self.messages().count(text) >= times, seconds, f"{text!r}, {times} times")

    def wait_state(self, state: str, seconds: float = 10) -> None:
        """Until a NOTIFY with that Subscription-State has come. Blocks."""
        self.wait_trace(f"Subscription-State: {state}", seconds)


async def watches(lab, bob) -> None:
    """sipp follows bob, who lets it, and sees him busy."""
    async with Sipp(lab, "watcher") as watcher:
        await bob.wait_presence(lab.alice, "subscribe")
        await asyncio.to_thread(watcher.wait_state, "pending")
        bob.approve(lab.alice)
        await asyncio.to_thread(watcher.wait_state, "active")
        bob.presence(show="dnd", status="In a meeting")
