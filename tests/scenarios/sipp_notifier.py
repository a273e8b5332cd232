# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 and a simple hop: sipp is the notifier (RFC 3856, 6665). Each contact is pending, available, busy, and ends with one reason of
RFC 6665 s4.1.3: those that say no for ever (P-85, P-88), those that say later (P-84, P-87), those that want a new subscription at once (P-83, P-86, no
reason: P-82), and one that will never change (P-89).
"""
import asyncio

from _presence import nothing_shown, shown
from _sipp import Sipp, needed

LABS = [("prosody", "simple")]
AGE_MS = 10500   # a dialog that is younger is not made anew at once

NEVER, LATER, AGAIN, STAYS = "never", "later", "again", "stays"
ENDS = [("reason=rejected", "", NEVER), ("reason=noresource", "", NEVER), ("reason=probation", "retry-after=600", LATER),
        ("reason=giveup", "", LATER), ("reason=deactivated", "", AGAIN), ("reason=timeout", "", AGAIN), ("expires=0", "", AGAIN),
        ("reason=invariant", "", STAYS)]


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    # The subscriptions that are made anew are one call each, in whatever order: their end is the same.
    again = [row for row in ENDS if row[2] == AGAIN]
    rows = [(reason, extra or "x=1", str(AGE_MS)) for reason, extra, _ in ENDS] + [("reason=rejected", "x=1", "3000")] * len(again)
    users = {f"{reason.partition('=')[2] if reason != 'expires=0' else 'none'}@{lab.domain}": then for reason, _, then in ENDS}

    async with Sipp(lab, "notifier", rows, seconds=60) as sipp:
        for user in users:
            bob.subscribe(user)
            await shown(bob, user, "subscribed")
            await shown(bob, user, "", "t1")
            await shown(bob, user, "", "t1", "dnd", "Busy")
        for user, then in users.items():
            if then in (NEVER, LATER):
                await shown(bob, user, "unavailable", "t1", timeout=15)
            if then == NEVER:
                await shown(bob, user, "unsubscribed")
        roster = await bob.roster()
        for user, then in users.items():
            assert roster[user] == ("none" if then == NEVER else "to"), (user, roster[user])

        # A new subscription and its first states: bob sees what has changed, and then its end.
        await asyncio.to_thread(sipp.wait_trace, "CSeq: 3 NOTIFY", 15, 2 * len(rows))   # each and its 200
        for user, then in users.items():
            if then == AGAIN:
                await bob.wait_presence(user, "unavailable", timeout=15)
                await bob.wait_presence(user, "unsubscribed")
    await nothing_shown(bob, *(user for user, then in users.items() if then != AGAIN))
