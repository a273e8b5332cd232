# SPDX-License-Identifier: MIT
"""`up`, `down` and `status`: a lab that stays, on the host's loopback, for a person with an XMPP client."""
from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Optional

from .lab import PASSWORD, Lab
from .ports import Places
from .process import Process
from .state import State
from peers.control import ask


def already_up(directory: Path) -> bool:
    running = [p for p in State(directory).load()[0] if p.alive()]
    if running:
        print("A lab is up already: " + ", ".join(p.name for p in running) + ". End it with: docker/lab down")
    return bool(running)


def up(directory: Path, program: Path, edge: str, dialect: str, places: Places) -> int:
    state = State(directory)
    lab = Lab(directory / f"up-{edge}-{dialect}", program, edge, dialect, places=places)
    about = {"edge": edge, "dialect": dialect, "control": str(lab.directory / "stub.sock"), "alice": lab.alice,
             "bob": lab.bob}
    stub: Optional[Process] = None
    try:
        lab.prepare()
        stub = start_stub(lab, Path(about["control"]))
        lab.start()
        asyncio.run(lab.wait_attached())
    except BaseException as error:
        lab.stop()
        if stub:
            stub.stop()
        if isinstance(error, (RuntimeError, AssertionError, OSError)):
            print(f"The lab did not come up: {error}\n{lab.tails()}", file=sys.stderr)
            return 1
        raise
    state.save([stub, lab.edge.process, lab.partner.process, lab.stoxd.process], about)
    print_account_lines(lab)
    return 0


def start_stub(lab: Lab, control: Path) -> Process:
    """The stub as a program of its own, with a control socket."""
    p = lab.places
    log = lab.directory / "stub.log"
    program = Path(__file__).resolve().parent.parent.parent / "tests" / "peers" / "frontend.py"
    command = [sys.executable, str(program), "--dialect", lab.dialect, "--domain", lab.domain, "--address", p.frontend,
               "--port", str(p.sip), "--gateway", f"{p.gateway}:{p.sip}", "--control", str(control)]
    if lab.options.transport == "tls":
        certificate, key = lab.frontend_certificate
        command += ["--certificate", str(certificate), "--key", str(key), "--ca", str(lab.ca.certificate)]
    log.write_text("")
    process = Process.start("front-end stub", command, log)
    process.wait_until(lambda: "is listening" in log.read_text(), 10, "it listens")
    return process


def print_account_lines(lab: Lab) -> None:
    p = lab.places
    print(f"""
The lab is up: {lab.edge_kind} as the edge of {lab.domain}, {lab.dialect} dialect. It listens on loopback only.

Log in with any XMPP client:""")
    for jid in lab.accounts:
        allowed = "" if jid != lab.eve else "   (a domain that stoxd does not allow)"
        print(f"  JID {jid}   password {PASSWORD}   host {p.partner}   port {p.client}{allowed}")
    print(f"""  CA certificate: {lab.ca.certificate}

The front end is a stub; its users are {lab.alice} (available) and carol@{lab.domain} (offline).
Add {lab.alice} to your contacts, write to her (the stub's log shows what arrives), and let her act; whoever is not logged
in cannot be written to (the partner keeps no offline messages, so that you see the error):
  docker/lab stub say {lab.alice} {lab.bob} Hello Bob
  docker/lab stub presence {lab.alice} busy
  docker/lab stub watch {lab.alice} {lab.bob}
  docker/lab stub fail INVITE 486
  docker/lab stub help

Logs: {lab.stoxd.log}
      {lab.directory / 'stub.log'}
End it with: docker/lab down""")


def down(directory: Path) -> int:
    state = State(directory)
    processes, _ = state.load()
    if not processes:
        print("No lab is up.")
        return 0
    for process in reversed(processes):
        if process.alive():
            process.stop(15)
            print(f"ended {process.name} (pid {process.pid})")
        else:
            print(f"{process.name} (pid {process.pid}) had ended already")
    state.forget()
    return 0


def status(directory: Path) -> int:
    """0 when everything that was started runs."""
    processes, about = State(directory).load()
    if not processes:
        print("No lab is up.")
        return 3
    print(f"edge {about['edge']}, dialect {about['dialect']}")
    for process in processes:
        print(f"  {'running' if process.alive() else 'ENDED  '}  {process.name}  pid {process.pid}  log {process.log}")
        if not process.alive():
            print(process.tail())
    return 0 if all(p.alive() for p in processes) else 1


def stub(directory: Path, words: list[str]) -> int:
    processes, about = State(directory).load()
    if not processes:
        print("No lab is up. Begin with: docker/lab up", file=sys.stderr)
        return 3
    answer = asyncio.run(ask(about["control"], " ".join(words)))
    print(answer)
    return 0 if answer.startswith("ok") else 1
