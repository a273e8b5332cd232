# SPDX-License-Identifier: MIT
"""SIGTERM (promise 5): XMPP watchers see alice offline, SIP watchers see bob offline but keep their subscription, the session ends; exit status 0."""
import asyncio

LABS = [("prosody", "lync"), ("ejabberd", "lync")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    bob.subscribe(lab.alice)
    await bob.wait_presence(lab.alice, "subscribed")
    await bob.wait_presence(lab.alice, show="")
    watch = await stub.watch(lab.alice, lab.bob)
    await bob.wait_presence(lab.alice, "subscribe")
    bob.approve(lab.alice)
    await stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"], "Bob available")
    bob.send(lab.alice, "hello")
    await stub.wait_request("MESSAGE", user=lab.alice, text="hello")

    status = await asyncio.to_thread(lab.stoxd.stop)
    assert status == 0, f"exit status {status}"
    await bob.wait_presence(lab.alice, "unavailable")
    seen = await stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"] is False, "Bob offline")
    assert seen["state"].startswith("active"), f"the subscription is kept: {seen['state']}"
    await stub.wait_request("BYE", user=lab.alice)
    assert watch in stub.dialogs
    assert not [r for r in stub.received if r.method == "SUBSCRIBE" and r.get("Expires") == "0"], "our subscription is kept too"
    await asyncio.to_thread(lab.stoxd.start)
