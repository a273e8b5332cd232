# SPDX-License-Identifier: MIT
"""XMPP to SIP: a conversation's queue is bounded (M-40, promise 7): what is too much is refused at once, what waited goes out in order."""
from _chat import fails_with, messages, nothing_more

LABS = [("prosody", "lync"), ("prosody", "simple")]
OPTIONS = {"gateway": {"max-queued-messages": "3"}}


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    dave = await lab.user(f"dave@{lab.setting.partner}")
    lync = lab.dialect == "lync"

    stub.invite_delay = 1.5
    if not lync:
        stub.fail("MESSAGE", "hold", user=lab.alice)
        bob.send(lab.alice, "under way")
        await stub.wait_request("MESSAGE", text="under way")
    idents = [bob.send(lab.alice, f"number {n}") for n in range(6)]
    for ident in idents[3:]:
        await fails_with(bob, ident, lab.alice, "resource-constraint", "wait", "waiting")
    assert not stub.unexpected("MESSAGE"), "those that fit still wait"

    # Another pair is not concerned.
    dave.send(lab.alice, "from dave")
    await stub.wait_request("MESSAGE", user=lab.alice, peer=f"dave@{lab.setting.partner}", text="from dave")
    if not lync:
        assert not stub.unexpected("MESSAGE"), "one at a time for each pair (M-39)"
        stub.release(200)
    for n in range(3):
        message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert message.text == f"number {n}", message.text
    bob.send(lab.alice, "room again")
    await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="room again")
    await nothing_more(bob, dave)
    assert not messages(bob) and not messages(dave) and not stub.unexpected("MESSAGE")
