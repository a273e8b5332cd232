# SPDX-License-Identifier: MIT
"""
The XMPP server goes away in the middle and comes back: SIP senders get 503 with Retry-After and a reason meanwhile (X-11), stoxd attaches again by
itself (X-07), both directions work, and a SIP watcher sees the presence again (servers.md 4.6).
"""
import asyncio

from peers.calls import Refused

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]
LIMIT = 150


async def answer_of(work):
    try:
        return await work
    except Refused as refusal:
        return refusal.answer


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    await stub.watch(lab.alice, lab.bob)
    await bob.wait_presence(lab.alice, "subscribe")
    bob.approve(lab.alice)
    await stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"], "Bob available")
    assert (await stub.message(lab.alice, lab.bob, "before")).status in (200, 202)
    await bob.wait_message(lab.alice, "before")

    since = lab.stoxd.log_size()
    await asyncio.to_thread(lab.edge.stop)
    await asyncio.to_thread(lab.stoxd.wait_log, r"stream of contoso\.example .*(ended|closed|down|lost|shut)", 10, since)
    refused = await answer_of(stub.message(lab.alice, lab.bob, "while it is down"))
    assert refused.status == 503, refused.start
    assert refused.get("Retry-After"), "the sender is told when to come back"
    assert refused.get("ms-diagnostics-public").startswith("62001;"), refused.get("ms-diagnostics-public")

    since = lab.stoxd.log_size()
    await asyncio.to_thread(lab.edge.start)
    await asyncio.to_thread(lab.stoxd.wait_log, r"stream of contoso\.example .* is up", 30, since)
    answer = await answer_of(stub.message(lab.alice, lab.bob, "after"))
    assert answer.status in (200, 202), answer.start
    await bob.wait_message(lab.alice, "after", timeout=20)
    assert not [m for m in bob.inbox if m.body == "while it is down"], "it was refused: it must not arrive as well"
    ident = bob.send(lab.alice, "and back")
    await stub.wait_request("MESSAGE", user=lab.alice, text="and back", timeout=20)
    bob.presence("dnd")
    await stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"] and "busy" in s["activities"], "Bob busy", timeout=20)
    assert not [s for s in bob.inbox if s.type == "error" and s.id == ident]
