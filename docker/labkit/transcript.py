# SPDX-License-Identifier: MIT
"""The readable transcript: who says what to whom, over which hops, when; step by step, with a summary at the end."""
from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Awaitable, Callable, Optional, TextIO

from peers.sipmsg import address_of
from peers.waiting import NotSeen


@dataclass
class Step:
    title: str
    passed: bool
    seconds: float
    group: str = ""
    why: str = ""


class Transcript:
    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.out = out
        self.begun = time.monotonic()
        self.steps: list[Step] = []
        self.group = ""

    def line(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    def event(self, text: str, deep: bool = False) -> None:
        """One thing that happened; `deep` are the SIP lines between stoxd and the front end."""
        offset = time.monotonic() - self.begun
        self.line(f"  {offset:+8.3f}s  {'        ' if deep else ''}{text}")

    def heading(self, text: str) -> None:
        self.group = text
        self.line()
        self.line(f"=== {text} " + "=" * max(3, 96 - len(text)))

    async def step(self, title: str, hops: str, work: Callable[[], Awaitable[object]],
                   on_failure: Optional[Callable[[], str]] = None) -> bool:
        """Runs one step. A failure is told with its reason (and what on_failure says), and the transcript goes on."""
        self.line()
        self.line(f"--- {len(self.steps) + 1}. {title}")
        if hops:
            self.line(f"    way: {hops}")
        begun = time.monotonic()
        try:
            await work()
        except Exception as error:  # whatever a step can die of is the step's failure
            why = str(error) or type(error).__name__
            self.event(f"FAILED: {why}")
            self.steps.append(Step(title, False, time.monotonic() - begun, self.group, why))
            if on_failure and (isinstance(error, NotSeen) or not isinstance(error, AssertionError)):
                self.line(on_failure())
            return False
        self.steps.append(Step(title, True, time.monotonic() - begun, self.group))
        self.event("seen as expected")
        return True

    # ---- Hooks ----

    def sip_hook(self, direction: str, message) -> None:
        way = "stoxd -> front end" if direction == "<" else "front end -> stoxd"
        if message.is_request:
            what = f"{message.method} {address_of(message.get('From'))} -> {address_of(message.get('To'))}"
            if message.method == "NOTIFY":
                what += f"  [{message.get('Subscription-State')}]"
            if message.method == "MESSAGE":
                what += f'  "{message.text}"'
        else:
            if message.status == 100:
                return
            what = f"{message.start[8:]}  ({message.cseq[1]})"
            for name in ("ms-diagnostics", "ms-diagnostics-public"):
                if message.status >= 300 and message.has(name):
                    what += f"  {name}: {message.get(name)}"
                    break
        self.event(f"{way}:  {what}", deep=True)

    def xmpp_hook(self, me: str) -> Callable[[str, object], None]:
        name = me.partition("@")[0].capitalize()

        def hook(direction: str, seen) -> None:
            other = seen.to if direction == ">" else seen.sender
            if not other or other.partition("/")[0] == me:
                if direction == ">" and seen.kind == "presence" and not seen.to and not seen.type:
                    self.event(f"{name} is {seen.show or 'available'}" + (f' ("{seen.status}")' if seen.status else ""))
                return
            self.event(f"{name} {'sends to' if direction == '>' else 'gets from'} {other}:  {describe(seen)}")
        return hook

    def summary(self) -> bool:
        passed = sum(step.passed for step in self.steps)
        self.heading("Summary")
        group = ""
        for number, step in enumerate(self.steps, 1):
            if step.group != group:
                group = step.group
                self.line(f"  {group}")
            mark = "ok    " if step.passed else "FAILED"
            self.line(f"  {mark} {number:2}. {step.title}  ({step.seconds:.2f} s)")
            if not step.passed:
                self.line(f"            {step.why.splitlines()[0]}")
        self.line()
        self.line(f"  {passed} of {len(self.steps)} steps as expected, {time.monotonic() - self.begun:.1f} s")
        return passed == len(self.steps) and passed > 0


def describe(seen) -> str:
    if seen.type == "error":
        text = f' ("{seen.error_text}")' if seen.error_text else ""
        return f"{seen.kind} error: {seen.condition}, type {seen.error_type}{text}"
    if seen.kind == "message":
        return f'message "{seen.body}"' if seen.body else "message without text"
    if seen.type:
        return f"presence {seen.type}"
    return f"presence {seen.show or 'available'}" + (f' ("{seen.status}")' if seen.status else "")
