# SPDX-License-Identifier: MIT
"""sipp 3.6.1 and a simple hop over TCP: a thousand messages at 200 a second in each direction; all arrive, once, in order (promise 4)."""
import asyncio
import re

from _chat import messages, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "simple"), ("ejabberd", "simple")]
LIMIT = 120
COUNT, RATE = 1000, 200


async def arrive(lab, user, count, seconds):
    bodies, deadline = [], asyncio.get_running_loop().time() + seconds
    while len(bodies) < count:
        left = deadline - asyncio.get_running_loop().time()
        bodies.append((await user.wait_message(lab.alice, timeout=max(left, 0.1))).body.strip())
    return bodies


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    numbers = [f"number {n + 1}" for n in range(COUNT)]

    async with Sipp(lab, "many-out", calls=COUNT, rate=RATE):
        bodies = await arrive(lab, bob, COUNT, 30)
    assert bodies == numbers, [pair for pair in zip(bodies, numbers) if pair[0] != pair[1]][:5]

    async with Sipp(lab, "many-in", calls=COUNT) as sipp:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n, text in enumerate(numbers):
            bob.send(lab.alice, text)
            await asyncio.sleep(max(0, began + (n + 1) / RATE - loop.time()))
    had = re.findall(r"^number \d+$", sipp.messages(), re.M)
    assert had == numbers, [pair for pair in zip(had, numbers) if pair[0] != pair[1]][:5]
    await nothing_more(bob)
    assert not messages(bob), "no error for any of them"
