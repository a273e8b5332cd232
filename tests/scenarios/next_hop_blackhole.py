# SPDX-License-Identifier: MIT
"""
Two dead servers that do not say so (one swallows each SYN, one accepts and never answers the handshake) before a good one: the message arrives
well within one transaction's time-out (R-26), and only once.
"""
import asyncio
import time

from _two import Blackhole, arrives, logged, texts

LABS = [("prosody", "lync")]
OPTIONS = {"hop pool01": {"next-hop": "tls:127.0.0.15:5061 tls:127.0.0.16:5061 tls:fe02.contoso.example:5061"}}


async def scenario(lab):
    stub = await lab.front_end(number=2)
    bob = await lab.user(lab.bob)
    hole = Blackhole("127.0.0.15", lab.places.sip)
    silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(60), "127.0.0.16", lab.places.sip)
    try:
        began = time.monotonic()
        bob.send(lab.alice, "past two dead ones")
        await arrives(stub, lab.alice, "past two dead ones", timeout=25)
        took = time.monotonic() - began
        assert took > 4, f"the dead ones were not tried ({took:.1f} s)"
        for dead in ("127.0.0.15", "127.0.0.16"):
            await logged(lab, rf"server {dead} \S+ is down: no connection in time")
        began = time.monotonic()
        bob.send(f"carol@{lab.domain}", "nobody waits a second time")
        await arrives(stub, f"carol@{lab.domain}", "nobody waits a second time", timeout=3)
    finally:
        hole.close()
        silent.close()
    assert texts(stub) == {"past two dead ones": 1, "nobody waits a second time": 1}, texts(stub)
