# SPDX-License-Identifier: MIT
"""
sipp as the preferred next hop answers 503 with Retry-After to a MESSAGE: the same request goes to the second one at once, with a branch of its own, and so do
those of the Retry-After (R-32, RFC 3261 s21.5.4); bob hears of nothing.
"""
from _chat import messages, nothing_more
from _sipp import Sipp, needed
from _two import arrives, texts

LABS = [("prosody", "simple")]
OPTIONS = {"hop pool01": {"next-hop": "TRANSPORT:fe01.contoso.example:5061 TRANSPORT:fe02.contoso.example:5061"}}


async def scenario(lab):
    needed()
    other = await lab.front_end(number=2)
    bob = await lab.user(lab.bob, resource="desk")
    async with Sipp.refusing(lab, "MESSAGE", [("503 Service Unavailable", "Retry-After: 30")]) as sipp:
        bob.send(lab.alice, "refused by the first")
        arrived = await arrives(other, lab.alice, "refused by the first")
    refused = sipp.messages()
    assert f"Call-ID: {arrived.call_id}" in refused, "it is the same request"
    assert arrived.get("Via") not in refused, "with a branch of its own (RFC 3263 s4.3)"
    bob.send(lab.alice, "not for the first")
    await arrives(other, lab.alice, "not for the first")
    await nothing_more(bob)
    assert not messages(bob) and texts(other) == {"refused by the first": 1, "not for the first": 1}, texts(other)
