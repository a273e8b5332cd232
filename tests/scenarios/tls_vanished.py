# SPDX-License-Identifier: MIT
"""
A front end that vanishes without a word: its connection stands, and no packet comes through any more. The sender hears within a transaction's time-out that his
message may have been delivered; once packets pass again the next one is delivered on a new connection.
"""
import asyncio
import shutil
import time

from _chat import fails_with
from labkit import netns
from run import Skip
from udp_filtered import iptables

LABS = [("prosody", "lync")]
LIMIT = 150


async def scenario(lab):
    if not netns.inside():
        raise Skip("no network namespace of its own: the filters of this machine are left alone")
    if not shutil.which("iptables"):
        raise Skip("iptables is not installed")
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")
    bob.send(lab.alice, "before")
    await stub.wait_request("MESSAGE", user=lab.alice, text="before")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 10)
    rules = [["INPUT", "-p", "tcp", side, str(lab.places.sip), "-j", "DROP"] for side in ("--dport", "--sport")]
    for rule in rules:
        done = await iptables("-A", *rule)
        if done.returncode != 0:
            raise Skip("iptables cannot filter here: " + done.stderr.strip().splitlines()[0])
    began = time.monotonic()
    ident = bob.send(lab.alice, "into the dark")
    await fails_with(bob, ident, lab.alice, "internal-server-error", "wait", "may have been delivered", timeout=45)
    took = time.monotonic() - began
    assert took < 40, f"it took {took:.1f} s"
    for rule in rules:
        assert (await iptables("-D", *rule)).returncode == 0
    bob.send(lab.alice, "after")
    await stub.wait_request("MESSAGE", user=lab.alice, text="after", timeout=30)
