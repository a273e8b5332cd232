# SPDX-License-Identifier: MIT
"""What must hold over a line that loses, doubles and reorders: nothing lost in silence, nothing delivered twice, order kept (promises 1 and 4)."""
from __future__ import annotations

import asyncio
import re

from _chat import messages
from _sipp import Sipp

COUNT = 8


def requests(trace: str, body: str) -> dict[str, list[str]]:
    """From sipp's own record of what came: body -> the branches it came with, in the order of their first coming."""
    found: dict[str, list[str]] = {}
    for part in trace.split("UDP message received")[1:]:
        part = part.split("-----------------------------------------------")[0]
        match = re.search(rf"^{body}$", part, re.M)
        if not match or not re.search(r"^MESSAGE ", part, re.M):
            continue
        branch = re.search(r"^Via:.*?branch=([^;\r\n]+)", part, re.M).group(1)
        branches = found.setdefault(match.group(0), [])
        if branch not in branches:
            branches.append(branch)
    return found


async def to_sip(lab, bob, **more) -> None:
    """bob writes faster than the line answers: one transaction for each message, in his order, each with its outcome."""
    texts = [f"from {n + 1}" for n in range(COUNT)]
    since = lab.stoxd.log_size()
    async with Sipp(lab, "lossy-from", calls=COUNT, seconds=75, **more) as sipp:
        idents = [bob.send(lab.alice, text) for text in texts]
        outcomes: dict[str, str] = {}
        for ident in idents:
            line = await asyncio.to_thread(lab.stoxd.wait_log, rf"message xmpp->sip .* id={ident}: ", 60, since)
            outcomes[ident] = line.partition(f"id={ident}: ")[2]
        had = requests(sipp.messages(), r"from \d+")
        assert list(had) == texts, f"came: {list(had)}"
        assert all(len(branches) == 1 for branches in had.values()), had
        told = {seen.id for seen in messages(bob) if seen.type == "error"}
        silent = [i for i, outcome in outcomes.items() if not outcome.startswith("delivered") and i not in told]
        assert not silent, {i: outcomes[i] for i in silent}
        delivered = sum(outcome.startswith("delivered") for outcome in outcomes.values())
        assert delivered >= COUNT - 1, outcomes
        # The calls are over when sipp has waited for repetitions.


async def from_sip(lab, bob, **more) -> None:
    """sipp repeats what is not answered: bob gets each message once, whichever comes first."""
    async with Sipp(lab, "lossy-to", calls=COUNT, rate=10, seconds=60, **more):
        bodies = [(await bob.wait_message(lab.alice, timeout=45)).body.strip() for _ in range(COUNT)]
    assert sorted(bodies) == sorted(f"to {n + 1}" for n in range(COUNT)), bodies
    # One session after the other: a second one of the same pair would replace the first.
    for _ in range(2):
        async with Sipp(lab, "lossy-session", seconds=60, **more):
            await bob.wait_message(lab.alice, "session 1\n", timeout=45)
    # What had been repeated is under way no more.
    assert await bob.quiet(lambda s: s.kind == "message", 1), messages(bob)
