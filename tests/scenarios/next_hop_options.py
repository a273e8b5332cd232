# SPDX-License-Identifier: MIT
"""
OPTIONS every options-interval keep watch over a connection without traffic. A peer that never answers CRLF pings and falls silent is found out this
way: its connection is closed, it is down, and the second next hop has the traffic.
"""
from _two import arrives, logged, two

LABS = [("prosody", "simple")]
LIMIT = 110
OPTIONS = {"hop pool01": {"next-hop": "TRANSPORT:fe01.contoso.example:5061 TRANSPORT:fe02.contoso.example:5061",
                          "options-interval": "2"}}


async def scenario(lab):
    one, other = await two(lab)
    bob = await lab.user(lab.bob)
    bob.send(lab.alice, "hello")
    await arrives(one, lab.alice, "hello")
    for _ in range(2):
        asked = await one.wait_request("OPTIONS")
        assert asked.uri == f"sip:fe01.{lab.domain}", asked.uri
        assert asked.get("From").startswith(f"<sip:xgw.{lab.domain}>;tag="), asked.get("From")
    assert not other.unexpected("OPTIONS"), "without a connection there is nothing to ask"

    # 404 is an answer as well.
    one.fail("OPTIONS", 404)
    await one.wait_request("OPTIONS")
    one.fail("OPTIONS", "silence", times=1000)
    await one.wait_request("OPTIONS")
    await logged(lab, r"server fe01\.\S+ \S+ is down: no answer to OPTIONS", 20)
    bob.send(lab.alice, "to the second")
    await arrives(other, lab.alice, "to the second")

    one.failures.clear()
    await logged(lab, r"server fe01\.\S+ \S+ is up again", 20)
    assert one.connected_in >= 2, "the silent connection was given up"
    bob.send(lab.alice, "to the first")
    await arrives(one, lab.alice, "to the first")
