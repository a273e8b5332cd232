# SPDX-License-Identifier: MIT
"""
Bob logs out and in: his server probes, and what is known is said without asking the front end again (P-161, P-162). After a restart of stoxd the probe of
his next login brings the subscription, and with it the presence, back (DESIGN section 3: nothing is stored yet; README).
"""
import asyncio

from _presence import add_user, follow, nothing_shown, resource_of, shown, shown_available
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]


async def scenario(lab):
    stub = await lab.front_end()
    resource, priority = resource_of(lab), "" if lab.dialect == "lync" else "102"
    bob = await lab.user(lab.bob, resource="desk")
    carol = add_user(stub, lab, "carol")
    first = await follow(lab, stub, bob, lab.alice)
    await follow(lab, stub, bob, carol)

    # What happens while he is away is known when he comes back.
    await bob.logout()
    assert [a.status for a in await stub.set_presence(lab.alice, "busy")] == [200], "the subscription stands"
    assert [a.status for a in await stub.set_presence(carol, "offline")] == [200]
    bob = await lab.user(lab.bob, resource="desk")
    await shown(bob, lab.alice, "", resource, "dnd", "Busy", priority)
    await shown(bob, carol, "unavailable")
    await nothing_shown(bob, lab.alice, carol)
    assert not stub.unexpected("SUBSCRIBE"), "a login is no reason to ask again"
    assert [a.status for a in await stub.set_presence(carol, "available")] == [200]
    await shown_available(lab, bob, carol)

    # stoxd restarts; Bob stays where he is, and sees nobody.
    assert await asyncio.to_thread(lab.stoxd.stop) == 0
    await shown(bob, lab.alice, "unavailable", resource)
    await shown(bob, carol, "unavailable", resource)
    assert not stub.unexpected("SUBSCRIBE"), "what the front end believes is not ended"
    await asyncio.to_thread(lab.stoxd.start)
    await lab.wait_attached()
    assert (await stub.notify(first)).status == 481, "the old dialog went with the process"
    await nothing_shown(bob, lab.alice, carol)

    # His second device logs in: the probe brings all back, at both.
    stub.users[lab.alice].state = "away"
    phone = await lab.user(lab.bob, resource="phone")
    for user in (lab.alice, carol):
        request = await stub.wait_request("SUBSCRIBE", user=user, peer=lab.bob)
        assert not tag_of(request.get("To")) and request.call_id != first.call_id and int(request.get("Expires")) > 0
    for device in (phone, bob):
        await shown(device, lab.alice, "", resource, "away", "Away", priority)
        await shown_available(lab, device, carol)
    await nothing_shown(bob, lab.alice, carol)
    await nothing_shown(phone, lab.alice, carol, seconds=0.1)
    roster = await bob.roster()
    assert (roster[lab.alice], roster[carol]) == ("to", "to") and not stub.unexpected("SUBSCRIBE")
    assert [len(await stub.set_presence(user, "busy")) for user in (lab.alice, carol)] == [2, 2], "the old dialogs answer 481 once"
    await shown(bob, lab.alice, "", resource, "dnd", "Busy", priority)
    await shown(bob, carol, "", resource, "dnd", "Busy", priority)
