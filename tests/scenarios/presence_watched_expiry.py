# SPDX-License-Identifier: MIT
"""
A SIP user's subscription to an XMPP user runs out (P-59): the last NOTIFY, and Bob sees her go; his yes holds. Less than a minute is not to be had (P-51),
so this takes one.
"""
import time

from _chat import refused
from _presence import answer_of, document, microsoft, notified, nothing_shown, offline, shown

LABS = [("prosody", "lync")]
LIMIT = 140


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")
    refused(await answer_of(stub.watch(lab.alice, lab.bob, 59)), 423, 61019)

    began = time.monotonic()
    watch = await stub.watch(lab.alice, lab.bob, 60)
    assert watch.expires == 60
    assert document(await notified(stub, watch, "active;expires=N")) == offline(lab)
    await shown(bob, lab.alice, "subscribe")
    bob.approve(lab.alice)
    assert document(await notified(stub, watch, "active;expires=N")) == microsoft("open", "available")
    refused(await answer_of(stub.refresh(watch, 30)), 423, 61019)

    last = await notified(stub, watch, "terminated;reason=timeout", timeout=80)
    assert 59.5 <= time.monotonic() - began <= 75 and not last.body
    await shown(bob, lab.alice, "unavailable")
    await nothing_shown(bob, lab.alice)
    refused(await answer_of(stub.refresh(watch, 600)), 481, 61012)

    # Bob's server says yes for him.
    watch = await stub.watch(lab.alice, lab.bob)
    assert document(await notified(stub, watch, "active;expires=N")) == offline(lab)
    assert document(await notified(stub, watch, "active;expires=N")) == microsoft("open", "available")
