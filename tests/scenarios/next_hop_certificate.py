# SPDX-License-Identifier: MIT
"""The first next hop is down, the second one has the wrong name in its certificate: it is refused, and nobody's message goes there (R-31)."""
from _chat import fails_with
from _two import arrives, logged, texts

LABS = [("prosody", "lync")]
OPTIONS = {"hop pool01": {"next-hop": "tls:fe01.contoso.example:5061 tls:fe02.contoso.example:5061"}}


async def scenario(lab):
    one = await lab.front_end(start=False)
    wrong = await lab.front_end(number=2, certificate=lab.bad_certificate("wrong-name"))
    bob = await lab.user(lab.bob)
    lost = bob.send(lab.alice, "not to a stranger")
    await fails_with(bob, lost, lab.alice, "internal-server-error", "wait", "nothing was delivered")
    await logged(lab, r"server fe02\.\S+ \S+ is down: wrong name: .*intruder\.contoso\.example")
    assert not wrong.received, "not a byte of SIP for it"
    await one.start()
    bob.send(lab.alice, "to the right one")
    await arrives(one, lab.alice, "to the right one", timeout=15)
    assert not texts(wrong), texts(wrong)
