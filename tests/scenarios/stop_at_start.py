# SPDX-License-Identifier: MIT
"""SIGTERM in the very moment in which the SIP port opens: an orderly end with exit status 0, however early it comes."""
import asyncio
import socket
import time

LABS = [("prosody", "lync")]


def wait_open(lab):
    """Without a pause between two looks: the signal is to come early."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((lab.places.gateway, lab.places.sip)) == 0:
                return
    raise AssertionError("the SIP port never opened")


async def scenario(lab):
    await asyncio.to_thread(lab.stoxd.stop)
    for turn in range(40):
        await asyncio.to_thread(lab.stoxd.start, False)
        await asyncio.to_thread(wait_open, lab)
        status = await asyncio.to_thread(lab.stoxd.stop)
        assert status == 0, f"turn {turn}: exit status {status}\n{lab.stoxd.tail()}"
    await asyncio.to_thread(lab.stoxd.start)
