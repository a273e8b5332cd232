# SPDX-License-Identifier: MIT
"""
Presence when servers die (promise 5): the first front end goes down with everything it knew, and Bob sees within seconds what the second one says; it
goes down too, and what is shown is withdrawn when nobody has answered for 40 s; one comes back, and he sees again.
"""
import time

from _presence import add_user, follow, nothing_shown, resource_of, shown
from _two import logged, two
from next_hop_all_down import options

LABS = [("prosody", "lync"), ("prosody", "simple")]
LIMIT = 120
OPTIONS = {"hop pool01": {"next-hop": "TRANSPORT:fe01.contoso.example:5061 TRANSPORT:fe02.contoso.example:5061"}}


async def scenario(lab):
    one, other = await two(lab)
    bob = await lab.user(lab.bob)
    other.users = dict(one.users)
    alice = add_user(one, lab, "amber")
    carol = add_user(one, lab, "carol")
    add_user(other, lab, "amber", "busy")
    add_user(other, lab, "carol", "away")
    shows = {"busy": ("dnd", "Busy"), "away": ("away", "Away")}

    async def sees(user: str, state: str, timeout: float) -> None:
        await shown(bob, user, "", resource_of(lab), *shows[state], "" if lab.dialect == "lync" else "102", timeout=timeout)

    for user in (alice, carol):
        await follow(lab, one, bob, user)

    # Its state is lost; the other one has another state.
    began = time.monotonic()
    await one.stop(abort=True)
    one.dialogs.clear()
    await sees(alice, "busy", 10)
    await sees(carol, "away", 10)
    assert time.monotonic() - began < 10
    assert {r.uri.partition(":")[2].partition(";")[0] for r in other.received if r.method == "SUBSCRIBE"} >= {alice, carol}
    await nothing_shown(bob, alice, carol)

    # Nobody is there: not at once (it may be a restart), and not for hours.
    began = time.monotonic()
    await other.stop(abort=True)
    other.dialogs.clear()
    await shown(bob, alice, "unavailable", resource_of(lab), timeout=60)
    assert 30 < time.monotonic() - began < 55, f"after {time.monotonic() - began:.1f} s"
    await shown(bob, carol, "unavailable", resource_of(lab), timeout=5)

    # Healed: asked again as soon as that is known, and not by the clock of each.
    before = lab.stoxd.log_size()
    await other.start()
    await other.connect()
    await other.exchange(options(other, lab))   # a peer that speaks is probed at once
    await logged(lab, r"server fe02\.\S+ \S+ is up again", 60, since=before)
    began = time.monotonic()
    await sees(alice, "busy", 10)
    await sees(carol, "away", 10)
    assert time.monotonic() - began < 5, f"{time.monotonic() - began:.1f} s after it was found up"
    await nothing_shown(bob, alice, carol)
    roster = await bob.roster()
    assert [roster[user] for user in (alice, carol)] == ["to", "to"]
