# SPDX-License-Identifier: MIT
"""
The front end goes away in the middle and comes back: messages sent meanwhile return errors to their senders (D-07), presence is withdrawn and
comes back by itself (promise 5), and the next message is delivered without anybody's help.
"""
import asyncio

LABS = [("prosody", "lync"), ("prosody", "simple")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    bob.subscribe(lab.alice)
    await bob.wait_presence(lab.alice, "subscribed")
    bob.send(lab.alice, "before")
    await stub.wait_request("MESSAGE", user=lab.alice, text="before")

    await stub.stop(abort=True)
    lost = bob.send(lab.alice, "while it is down")
    error = await bob.wait_error("message", sender=lab.alice, id=lost)
    assert error.condition in ("internal-server-error", "remote-server-timeout"), error.condition
    assert error.error_type == "wait", error.error_type
    assert error.error_text, "the sender is told why"

    stub.dialogs.clear()          # it has forgotten its sessions and subscriptions
    stub.waiting_acks.clear()
    await stub.start()
    await asyncio.sleep(0.3)
    bob.send(lab.alice, "after")
    await stub.wait_request("MESSAGE", user=lab.alice, text="after", timeout=20)
    assert not [m for m in stub.received if m.text == "while it is down"], "it was refused: it must not arrive as well"
