# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 and a simple hop in page mode: isComposing both ways (RFC 3994; V-40, V-41, M-79), message/cpim with IMDN both ways (RFC 5438; V-68, M-90, M-91, M-93,
M-94). The XMPP side is written and read by slixmpp's plug-ins.
"""
from _chat import messages, nothing_more
from _sipp import Sipp, needed
from _states import MARKERS, RECEIPTS, acknowledge, acknowledged, displayed, features, say, shown, speaks_states, state

LABS = [("prosody", "simple")]


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    speaks_states(bob)
    takes = await features(bob, f"{lab.alice}/any")
    assert "http://jabber.org/protocol/chatstates" in takes and "urn:xmpp:receipts" not in takes, takes

    # He has written, and does chat states: he sees hers.
    async with Sipp(lab, "typing-in"):
        say(bob, lab.alice, "hello")
    state(bob, lab.alice, "active")   # she has not written yet, so this goes nowhere (M-79)
    async with Sipp(lab, "typing-out"):
        await shown(bob, lab.alice, "composing")
        await shown(bob, lab.alice, "active")
        assert (await bob.wait_message(lab.alice)).body.strip() == "typed"
    # She has: now she sees his.
    async with Sipp(lab, "composing-in"):
        state(bob, lab.alice, "composing")
    async with Sipp(lab, "idle-in"):
        state(bob, lab.alice, "paused")

    # She asks for a notification.
    async with Sipp(lab, "cpim-out"):
        asked = await bob.wait_message(lab.alice)
    assert asked.body.strip() == "did you get this?", repr(asked.body)
    assert asked.xml.find(RECEIPTS + "request") is not None and asked.xml.find(MARKERS + "markable") is not None and asked.id
    async with Sipp(lab, "imdn-delivered-in"):
        acknowledge(bob, asked)
    async with Sipp(lab, "imdn-displayed-in"):
        displayed(bob, lab.alice, asked.id)

    # He asks; she takes message/cpim, as she has written in it.
    async with Sipp(lab, "cpim-in"):
        ident = say(bob, lab.alice, "and this?", request=True, markable=True)
        await acknowledged(bob, lab.alice, ident)
        await acknowledged(bob, lab.alice, ident, MARKERS + "displayed")
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob)
