# SPDX-License-Identifier: MIT
"""The command line of docker/lab, once Python is there."""
from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from . import netns
from .build import TOP, BuildFailed, build
from .lab import TRANSPORTS
from .ports import Places


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="docker/lab", description="Real XMPP servers, stoxd and a front-end stub on this machine.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, text in (("demo", "show messages and presence crossing, and end"),
                       ("up", "start the lab on this machine's loopback and leave it running")):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("--edge", choices=["prosody", "ejabberd"], default="prosody")
        verb.add_argument("--dialect", choices=["lync", "simple", "both"] if name == "demo" else ["lync", "simple"],
                          default="both" if name == "demo" else "lync")
        verb.add_argument("--stoxd", type=Path, metavar="PROGRAM", help="use this executable, build nothing")
    verbs.add_parser("down", help="end what `up` started")
    verbs.add_parser("status", help="tell what runs")
    stub = verbs.add_parser("stub", help="let the stub's users act: docker/lab stub help")
    stub.add_argument("words", nargs=argparse.REMAINDER)
    return parser.parse_args()


def state_directory() -> Path:
    directory = Path(os.environ.get("STOXD_LAB") or TOP / ".lab").resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def main() -> int:
    options = arguments()
    directory = state_directory()
    from . import up as standing
    if options.verb == "down":
        return standing.down(directory)
    if options.verb == "status":
        return standing.status(directory)
    if options.verb == "stub":
        return standing.stub(directory, options.words)
    if options.verb == "up" and standing.already_up(directory):
        return 1
    in_namespace = options.verb == "demo" and netns.enter()
    try:
        if options.stoxd:
            program = options.stoxd.resolve()
        else:
            print("Building stoxd ...", flush=True)
            program = build(directory / "build")
        places = Places()
        places.check()
        if options.verb == "up":
            return standing.up(directory, program, options.edge, options.dialect, places)
        print("The lab has a network namespace of its own." if in_namespace else
              "The lab uses this machine's loopback addresses; the ports it needs are free.", flush=True)
        dialects = list(TRANSPORTS) if options.dialect == "both" else [options.dialect]
        from .demo import demo
        return 0 if asyncio.run(demo(directory, program, options.edge, dialects, places)) else 1
    except (BuildFailed, RuntimeError) as error:
        print(f"docker/lab: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
