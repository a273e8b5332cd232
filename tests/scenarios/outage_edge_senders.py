# SPDX-License-Identifier: MIT
"""
stoxd itself goes away and comes back (servers.md 1, 2): Prosody answers the sender with an error meanwhile; ejabberd looks for the domain by s2s, where
the lab's names lead back to itself, so that its answer is no part of this. Started again, messages are delivered.
"""
import asyncio

LABS = [("prosody", "lync"), ("ejabberd", "lync")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    bob.send(lab.alice, "before")
    await stub.wait_request("MESSAGE", user=lab.alice, text="before")

    await asyncio.to_thread(lab.stoxd.stop)
    if lab.edge_kind == "prosody":
        lost = bob.send(lab.alice, "nobody there")
        error = await bob.wait_error("message", id=lost, timeout=20)
        assert (error.condition, error.error_type) == ("remote-server-timeout", "wait"), error.condition

    since = lab.stoxd.log_size()
    await asyncio.to_thread(lab.stoxd.start)
    await asyncio.to_thread(lab.stoxd.wait_log, r"stream of contoso\.example .* is up", 20, since)
    await lab.wait_attached(30)
    bob.send(lab.alice, "after")
    await stub.wait_request("MESSAGE", user=lab.alice, text="after", timeout=20)
