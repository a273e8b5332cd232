# SPDX-License-Identifier: MIT
"""The demonstration: the steps that a newcomer sees, each checked on both sides."""
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Optional

from .lab import Lab
from .ports import Places
from .transcript import Transcript
from peers.calls import Refused, diagnostics
from peers.sipmsg import address_of

EDGES = {"prosody": "Prosody", "ejabberd": "ejabberd"}
DIALECTS = {"lync": "Lync dialect, mutual TLS", "simple": "SIMPLE dialect, TCP"}


class Demo:
    def __init__(self, lab: Lab, transcript: Transcript) -> None:
        self.lab, self.say = lab, transcript
        edge = EDGES[lab.edge_kind]
        sip = lab.options.transport.upper()
        self.out = (f"Bob's client > Prosody {lab.setting.partner} > s2s, TLS > {edge} {lab.domain} > component > "
                    f"stoxd > SIP, {sip} > front end")
        self.back = (f"front end > SIP, {sip} > stoxd > component > {edge} {lab.domain} > s2s, TLS > "
                     f"Prosody {lab.setting.partner} > Bob's client")

    async def run(self) -> None:
        lab, say = self.lab, self.say
        say.event(f"{lab.setting.partner} is ready: Prosody on {lab.places.partner}")
        say.event(f"{lab.domain} is ready: {EDGES[lab.edge_kind]} on {lab.places.edge}, stoxd on {lab.places.gateway}")
        self.stub = await lab.front_end(say.sip_hook)
        say.event(f"the front-end stub (our own, no Microsoft software) is ready on {lab.places.frontend}")
        await self._step("stoxd is attached to the edge", "", lab.wait_attached)
        self.bob = await lab.user(lab.bob, say.xmpp_hook(lab.bob))
        steps = [
            ("Bob asks to see Alice's presence", self.out, self.bob_watches),
            ("Alice becomes busy, and Bob sees it", self.back, self.alice_busy),
            ("Alice adds Bob, Bob agrees, and she sees him", self.back, self.alice_watches),
            ("Bob goes away and comes back, and Alice sees it", self.out, self.bob_away),
            ("Bob writes to Alice", self.out, self.bob_writes),
            ("Alice answers in the same chat", self.back, self.alice_writes),
            ("Bob writes once more", self.out, self.bob_writes_again),
            ("Bob writes to somebody who does not exist", self.out, self.unknown_user),
            ("Eve, of a domain that is no partner, is refused", self.out.replace("Bob", "Eve").replace(
                lab.setting.partner, lab.setting.stranger), self.stranger_in),
            ("Alice cannot write to that domain either", self.back.replace("Bob", "Eve").replace(
                lab.setting.partner, lab.setting.stranger), self.stranger_out),
            ("Bob leaves, and Alice sees him offline", self.out, self.bob_leaves),
            ("Nothing broke a rule of SIP on the way", "", self.clean),
        ]
        for title, way, work in steps:
            await self._step(title, way, work)

    async def _step(self, title: str, way: str, work) -> None:
        await self.say.step(title, way, work, self.lab.tails)

    # ---- Presence ----

    async def bob_watches(self) -> None:
        lab = self.lab
        self.bob.subscribe(lab.alice)
        subscribe = await self.stub.wait_request("SUBSCRIBE", user=lab.alice, peer=lab.bob)
        assert subscribe.get("Event").startswith("presence"), f"Event: {subscribe.get('Event')}"
        await self.bob.wait_presence(lab.alice, "subscribed")
        await self.bob.wait_presence(lab.alice, show="")

    async def alice_busy(self) -> None:
        lab = self.lab
        answers = await self.stub.set_presence(lab.alice, "busy")
        assert answers, "stoxd holds no subscription to Alice"
        assert all(a.status == 200 for a in answers), f"NOTIFY was answered {answers[0].start}"
        await self.bob.wait("Alice busy", lambda s: s.kind == "presence" and s.bare == lab.alice and s.type == ""
                            and s.show in ("dnd", "away", "xa"))
        await self.stub.set_presence(lab.alice, "available")
        await self.bob.wait_presence(lab.alice, show="")

    async def alice_watches(self) -> None:
        lab = self.lab
        self.watch = await self.stub.watch(lab.alice, lab.bob)
        await self.bob.wait_presence(lab.alice, "subscribe")
        self.bob.approve(lab.alice)
        await self.stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"] and s["state"].startswith("active"),
                                  "Bob available")

    async def bob_away(self) -> None:
        lab = self.lab
        self.bob.presence("away", "At lunch")
        await self.stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"] and "away" in s["activities"], "Bob away")
        self.bob.presence()
        await self.stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"] and "away" not in s["activities"],
                                  "Bob back")

    async def bob_leaves(self) -> None:
        lab = self.lab
        await self.bob.logout()
        await self.stub.wait_seen(lab.alice, lab.bob, lambda s: s["open"] is False, "Bob offline")

    # ---- Messages ----

    async def bob_writes(self) -> None:
        lab = self.lab
        text = "Hello Alice, this is Bob."
        self.bob.send(lab.alice, text)
        if self.lab.dialect == "lync":
            await self.stub.wait_request("INVITE", user=lab.alice, peer=lab.bob)
        message = await self.stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert message.text == text, "the text has changed on its way"

    async def alice_writes(self) -> None:
        lab = self.lab
        text = "Hello Bob, gr\u00fc\u00dfe & <greetings>."
        answer = await self.stub.message(lab.alice, lab.bob, text)
        assert answer.status in (200, 202), f"answered {answer.start}"
        await self.bob.wait_message(lab.alice, text)

    async def bob_writes_again(self) -> None:
        lab = self.lab
        self.bob.send(lab.alice, "See you at noon.")
        await self.stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="See you at noon.")
        again = self.stub.unexpected("INVITE")
        assert not again, "a second session was opened"

    # ---- Refusals ----

    async def unknown_user(self) -> None:
        nobody = f"nobody@{self.lab.domain}"
        ident = self.bob.send(nobody, "Is anybody there?")
        error = await self.bob.wait_error("message", sender=nobody, id=ident)
        assert error.condition == "item-not-found", f"condition {error.condition}"

    async def stranger_in(self) -> None:
        lab = self.lab
        eve = await lab.user(lab.eve, self.say.xmpp_hook(lab.eve))
        try:
            ident = eve.send(lab.alice, "Let me in.")
            await eve.wait_error("message", sender=lab.alice, id=ident)
        finally:
            await eve.logout()
        leaked = [r for r in self.stub.received if address_of(r.get("From")) == lab.eve]
        assert not leaked, f"a {leaked[0].method} of hers reached the front end"

    async def stranger_out(self) -> None:
        lab = self.lab
        try:
            answer = await self.stub.message(lab.alice, lab.eve, "Who are you?")
        except Refused as refusal:
            answer = refusal.answer
        assert answer.status >= 400, f"answered {answer.start}"
        assert diagnostics(answer), "no reason for an administrator (ms-diagnostics)"

    async def clean(self) -> None:
        self.stub.assert_clean()


async def demo(directory: Path, program: Optional[Path], edge: str, dialects: list[str], places: Places) -> bool:
    """One lab for each dialect, after each other, one transcript. True when every step was seen."""
    transcript = Transcript()
    for dialect in dialects:
        transcript.heading(f"{EDGES[edge]} as the edge, {DIALECTS[dialect]}")
        home = directory / f"demo-{edge}-{dialect}"
        shutil.rmtree(home, ignore_errors=True)   # rosters of the last time would change what is to be seen
        lab = Lab(home, program, edge, dialect, places=places)
        try:
            async with lab:
                await Demo(lab, transcript).run()
        except (RuntimeError, AssertionError, OSError) as error:
            why = str(error)

            async def failed() -> None:
                raise RuntimeError(why)
            await transcript.step(f"the lab with {EDGES[edge]} and {dialect} runs", "", failed, lab.tails)
    return transcript.summary()
