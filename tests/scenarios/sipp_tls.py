# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 behind stunnel 5.68: mutual TLS in both directions between stoxd and a TLS end that is not ours. Page mode (simple hop) and sessions of either
side (lync hop); what belongs to a session comes back on the connection that it came on.
"""
import asyncio

from _chat import messages, nothing_more
from _sipp import Sipp, needed
from _stunnel import INSIDE, OUTWARD, Stunnel, gateway_certificate
from _stunnel import needed as stunnel_needed

LABS = [("prosody", "simple"), ("prosody", "lync")]
TRANSPORT = "tls"
STANDS_ALONE = True


async def scenario(lab):
    needed()
    stunnel_needed()
    lab.prepare()
    gateway_certificate(lab)
    try:
        await asyncio.to_thread(lab.start)
        await lab.wait_attached()
        async with Stunnel(lab) as stunnel:
            await play(lab, stunnel)
        assert lab.stoxd.process.alive(), "stoxd has ended"
    except BaseException:
        print(lab.tails(30))
        raise
    finally:
        await lab.__aexit__()
    assert lab.stoxd.process.child.returncode == 0, lab.stoxd.tail(40)


async def play(lab, stunnel):
    bob = await lab.user(lab.bob, resource="desk")
    p = lab.places
    behind = {"via": "TLS", "contact": f"pool01.{lab.domain}:{p.sip};transport=tls", "at": INSIDE, "to": (p.frontend, OUTWARD)}
    if lab.dialect == "simple":
        async with Sipp(lab, "page-out", **behind):
            await bob.wait_message(lab.alice, "Hello Bob, this is sipp\n")
        async with Sipp(lab, "page-in", **behind):
            bob.send(lab.alice, "Hello Alice, this is Bob")
    else:
        async with Sipp(lab, "session", **behind):
            seen = await bob.wait_message(lab.alice, "Hello in the session\n")
            # sipp takes what comes in one order: the answer to its message first.
            await asyncio.to_thread(lab.stoxd.wait_log, r"message sip->xmpp .*: delivered", 5)
            bob.send(lab.alice, "Hello back", thread=seen.xml.findtext("{jabber:client}thread"))
        async with Sipp(lab, "session-out", [("alice", "0")], **behind):
            bob.send(lab.alice, "Hello Alice")
            await bob.wait_message(lab.alice, "Hello Bob\n")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)
    await nothing_more(bob)
    assert not messages(bob)
    text = stunnel.text()
    assert text.count("Certificate accepted at depth=0") >= 2 and "rejected" not in text.lower(), stunnel.tail()
    for service in ("in", "out"):
        assert f"Service [{service}] accepted connection" in text, stunnel.tail()
