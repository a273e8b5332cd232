# SPDX-License-Identifier: MIT
"""
What the containers of docker/compose.yaml do, one verb each:
prepare | edge prosody|ejabberd | partner | frontend DIALECT | users DIALECT | stub WORDS...

They share the volume /lab; /etc/stoxd is the volume of stoxd's settings. The work itself is labkit's, as without
containers.
"""
from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from labkit.lab import TRANSPORTS, Lab
from labkit.process import DidNotStart
from labkit.servers import Server, answers
from labkit.stoxd import Stoxd, StoxdOptions
from labkit.transcript import Transcript

LAB = Path("/lab")
SETTINGS = Path("/etc/stoxd")
PREPARED = LAB / "prepared"
EDGE = LAB / "edge"            # which server is the edge
STUB = LAB / "stub.sock"       # the stub's methods (remote.py)
CONTROL = LAB / "control.sock"  # its commands for people (peers/control.py)
OWNER = 10001                  # the user of both images


# ---- Before everything ----

class ContainerStoxd(Stoxd):
    """Settings for another container: all below /etc/stoxd, and what compose.yaml gives by the environment left out."""

    def __init__(self, lab: Lab, options: StoxdOptions) -> None:
        options.extra = {"hop pool01": {"ca": str(SETTINGS / "ca.pem")}} if options.transport == "tls" else {}
        super().__init__(Path("stoxd"), lab.setting, lab.places, options)
        self.directory, self.config = SETTINGS, SETTINGS / f"{options.dialect}.conf"

    def groups(self) -> dict[str, dict[str, str]]:
        groups = super().groups()
        del groups["component"]["server"]
        del groups[f"domain {self.setting.domain}"]["secret-file"]
        return groups


def prepare() -> int:
    if PREPARED.exists():
        print("Everything is there already.")
        return 0
    for edge in ("prosody", "ejabberd"):
        lab = Lab(LAB, None, edge)
        lab.prepare()
    missing = set(lab.setting.hosts.read_text().splitlines()) - set(
        Path(__file__).with_name("hosts").read_text().splitlines())
    if missing:
        print(f"docker/entry/hosts lacks: {', '.join(sorted(missing))}")
        return 1
    for dialect, transport in TRANSPORTS.items():
        ContainerStoxd(lab, StoxdOptions(dialect=dialect, transport=transport)).prepare()
    (SETTINGS / "ca.pem").write_bytes(lab.ca.certificate.read_bytes())
    PREPARED.touch()
    for folder in (LAB, SETTINGS):
        for path in [folder, *folder.rglob("*")]:
            if path != lab.ca.key:
                os.chown(path, OWNER, OWNER)
    print("A private CA, certificates, configurations and settings are made.")
    return 0


# ---- What stays ----

class Ended(Exception):
    """SIGTERM or SIGINT."""


def on_signal(number: int, frame: object) -> None:
    raise Ended


def serve(server: Server, mark: str = "") -> int:
    """Starts it as the lab does, shows its log, and stays until one of the two is ended."""
    if mark:
        EDGE.unlink(missing_ok=True)
    try:
        server.start()
        if mark:
            EDGE.write_text(mark)
        print(f"{server.name} is ready on {server.address}", flush=True)
        with open(server.process.log, errors="replace") as log:
            while server.process.alive():
                sys.stdout.write(log.read())
                sys.stdout.flush()
                time.sleep(0.2)
        print(f"{server.name} has ended\n{server.tail()}")
        return 1
    except DidNotStart as error:
        print(error)
        return 1
    except Ended:
        return 0
    finally:
        server.stop()


async def frontend(lab: Lab) -> int:
    from entry.remote import StubServer
    from peers.control import serve as serve_control
    from peers.frontend import log_line

    lab.frontend_certificate = (lab.ca.directory / "frontend.crt", lab.ca.directory / "frontend.key")
    stub = await lab.front_end(start=False)
    remote = StubServer(stub, STUB)

    def hook(direction, message) -> None:
        log_line(direction, message)
        remote.seen(direction, message)
    stub.hook = hook
    await stub.start()
    servers = [await remote.start(), await serve_control(stub, str(CONTROL))]
    print(f"the front-end stub ({lab.dialect}) is listening on {lab.places.frontend}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    for server in servers:
        server.close()
    await stub.stop()
    return 0


# ---- Who uses it ----

class RunningLab(Lab):
    """A lab whose servers run in other containers."""

    async def front_end(self, hook=None, start: bool = True, certificate=None):
        from entry.remote import RemoteStub
        self.remote = await RemoteStub.connect(STUB, hook)
        return self.remote

    async def leave(self) -> None:
        for user in self.users:
            await user.logout()
        await self.remote.close()


def wait_ready(seconds: float) -> str:
    """Which server is the edge; raises TimeoutError with what is missing."""
    places = Lab(LAB).places
    deadline = time.monotonic() + seconds
    ports = {"the edge": (places.edge, places.component), "the partner": (places.partner, places.client),
             "the front-end stub": (places.frontend, places.sip), "stoxd": (places.gateway, places.sip)}
    while True:
        missing = [name for name, place in ports.items() if not answers(*place)]
        if not missing and EDGE.exists() and STUB.exists():
            return EDGE.read_text()
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:g} s these did not answer: {', '.join(missing) or 'the stub socket'}"
                               " (is a profile chosen?)")
        time.sleep(0.2)


async def users(dialect: str) -> int:
    from labkit.demo import DIALECTS, EDGES, Demo

    try:
        edge = wait_ready(60)
    except TimeoutError as error:
        print(error)
        return 1
    transcript = Transcript()
    transcript.heading(f"{EDGES[edge]} as the edge, {DIALECTS[dialect]}, in containers")
    lab = RunningLab(LAB, None, edge, dialect)
    try:
        await Demo(lab, transcript).run()
    finally:
        await lab.leave()
    return 0 if transcript.summary() else 1


async def stub(words: list[str]) -> int:
    from peers.control import ask
    answer = await ask(str(CONTROL), " ".join(words))
    print(answer)
    return 0 if answer.startswith("ok") else 1


def main(verb: str = "", *words: str) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    if verb == "prepare":
        return prepare()
    if verb == "edge" and words[:1] in (("prosody",), ("ejabberd",)):
        return serve(Lab(LAB, None, words[0]).edge, words[0])
    if verb == "partner":
        return serve(Lab(LAB).partner)
    if verb == "frontend" and words[:1] and words[0] in TRANSPORTS:
        return asyncio.run(frontend(Lab(LAB, None, dialect=words[0])))
    if verb == "users" and words[:1] and words[0] in TRANSPORTS:
        return asyncio.run(users(words[0]))
    if verb == "stub":
        return asyncio.run(stub(list(words)))
    print(__doc__.strip())
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Ended:
        sys.exit(0)
