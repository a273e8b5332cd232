# SPDX-License-Identifier: MIT
"""sipp 3.6.1 over UDP through a relay that loses, doubles and reorders, by a seed: page mode in both directions and sessions that sipp opens."""
from _lossy import from_sip, to_sip
from _sipp import needed
from peers.badline import BadLine

LABS = [("prosody", "simple")]
TRANSPORT = "udp"
OPTIONS = {"hop pool01": {"options-interval": "0"}}   # sipp takes any request of a new Call-ID as one of its calls
LIMIT = 150


async def scenario(lab):
    needed()
    p = lab.places
    inside, sipp = (p.frontend, p.sip + 1), (p.frontend, p.sip + 10)
    bob = await lab.user(lab.bob, resource="desk")
    async with BadLine(20261, (p.frontend, p.sip), (p.gateway, p.sip), inside, sipp) as line:
        await from_sip(lab, bob, at=sipp[1], to=inside)
        await to_sip(lab, bob, at=sipp[1], to=inside)
        print(line.story())
        assert min(line.lost, line.doubled, line.delayed) >= 3, line.story()
