# SPDX-License-Identifier: MIT
"""
Two next hops over UDP (R-32, RFC 3261 s18.4): where nobody listens an ICMP error comes back, so that requests go to the other one at once and
nobody waits for the end of a transaction.
"""
import time

from _two import arrives, logged, texts, two

LABS = [("prosody", "simple")]
TRANSPORT = "udp"
OPTIONS = {"hop pool01": {"next-hop": "udp:fe01.contoso.example:5061 udp:fe02.contoso.example:5061"}}


async def scenario(lab):
    one, other = await two(lab, first=False)
    bob = await lab.user(lab.bob)
    user = [f"user{n}@{lab.domain}" for n in range(1, 5)]

    began = time.monotonic()
    bob.send(user[0], "the first is down")
    await arrives(other, user[0], "the first is down")
    assert time.monotonic() - began < 5, "at once, not after 32 s"

    await one.start()
    await logged(lab, r"\[hop pool01\] server fe01\.\S+ \S+ is up again", 20)
    bob.send(user[1], "the first is back")
    await arrives(one, user[1], "the first is back")

    before = lab.stoxd.log_size()
    await one.stop()
    began = time.monotonic()
    for n in range(6):
        bob.send(user[2 + n % 2], f"in the middle {n}")
    for n in range(6):
        await arrives(other, user[2 + n % 2], f"in the middle {n}")
    assert time.monotonic() - began < 5, "at once, not after 32 s"
    await logged(lab, r"\[hop pool01\] server fe01\.\S+ \S+ is down", since=before)
    doubled = {text: n for text, n in texts(one, other).items() if n != 1}
    assert not doubled, f"came more than once: {doubled}"
    assert not [s for s in bob.inbox if s.kind == "message"], "no error for anything"
