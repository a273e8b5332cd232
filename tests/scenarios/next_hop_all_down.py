# SPDX-License-Identifier: MIT
"""
Every next hop is down: after a while requests are refused at once (circuit breaker), with words that say when another try makes sense; with the
first server that answers again they are sent again.
"""
import asyncio
import re
import time

from _chat import fails_with
from _two import arrives, logged, texts, two

LABS = [("prosody", "lync"), ("prosody", "simple")]
OPTIONS = {"hop pool01": {"next-hop": "TRANSPORT:fe01.contoso.example:5061 TRANSPORT:fe02.contoso.example:5061"}}


async def scenario(lab):
    one, other = await two(lab, first=False, second=False)
    bob = await lab.user(lab.bob)

    lost = bob.send(lab.alice, "nobody is there")
    await fails_with(bob, lost, lab.alice, "internal-server-error", "wait", "nothing was delivered")
    await logged(lab, r"server fe02\.\S+ \S+ is down")
    # They are tried on for a few seconds: they may be restarting. The probes find out that they are not.
    await logged(lab, r"\[hop pool01\] no server answers: requests are refused at once", 20)

    began = time.monotonic()
    lost = bob.send(lab.alice, "at once")
    error = await fails_with(bob, lost, lab.alice, "internal-server-error", "wait", "nothing was delivered")
    assert time.monotonic() - began < 2, f"it took {time.monotonic() - began:.1f} s"
    assert re.search(r"\b\d+ s\b", error.error_text), f"when to try again: {error.error_text!r}"

    await other.start()
    # A peer that speaks is probed at once; it need not wait for the end of the back-off.
    await other.connect()
    await other.exchange(options(other, lab))
    await logged(lab, r"\[hop pool01\] requests are sent again", 20)
    bob.send(lab.alice, "one is back")
    await arrives(other, lab.alice, "one is back")
    await asyncio.sleep(0.2)
    assert texts(one, other) == {"one is back": 1}, texts(one, other)
    down = [line for line in lab.stoxd.log.read_text().splitlines() if "is down:" in line]
    assert len(down) == 2, f"each of them is told once: {down}"


def options(stub, lab):
    request, _ = stub.build("OPTIONS", lab.alice, lab.bob)
    request.start = f"OPTIONS sip:xgw.{lab.domain} SIP/2.0"
    stub.dialect.dress_request(request, lab.alice, lab.bob)
    return request
