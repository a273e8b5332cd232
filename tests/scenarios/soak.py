# SPDX-License-Identifier: MIT
"""
Memory is flat over 100 000 messages each way on either dialect (between a load generator's XMPP server and SIP peer), and over 100 000 connections that
were accepted and closed: bare, broken in the handshake or inside a message, and whole.
"""
import asyncio
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

LABS = [("load", "lync"), ("load", "simple"), ("connections", "lync")]
STANDS_ALONE = True
LIMIT = 400
MESSAGES = "100000"
GROWTH_KIB = "1024"


def run(command, environment=None):
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT - 20, env=environment)
    print(done.stdout, done.stderr)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}"


async def scenario(lab):
    build = lab.stoxd.program.parent.parent
    directory = Path(tempfile.mkdtemp(prefix="stoxd-soak-"))
    try:
        if lab.edge_kind == "connections":
            environment = dict(os.environ, STOX_TEST_CONNECTIONS="100000")
            sip = Path(__file__).resolve().parent.parent / "unit" / "sip"
            certificates = directory / "certificates"
            await asyncio.to_thread(run, ["sh", str(sip / "make-certs.sh"), str(certificates), str(directory / "stamp")])
            await asyncio.to_thread(run, [str(build / "tests/unit/sip/test-connection"), "-p", "/connection/flat memory",
                                          str(certificates)], environment)
            return
        for direction in ("to-sip", "from-sip"):
            await asyncio.to_thread(run, [str(build / "tests/bench/load"), str(lab.stoxd.program), str(directory), direction,
                                          lab.dialect, MESSAGES, GROWTH_KIB])
    finally:
        shutil.rmtree(directory, ignore_errors=True)
