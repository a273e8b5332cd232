# SPDX-License-Identifier: MIT
"""The stub's control socket: one command a line, one answer a line, so that people and shell scripts can let its users act."""
from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from .answers import User
from .calls import Refused, diagnostics
from .waiting import NotSeen

if TYPE_CHECKING:
    from .frontend import FrontEndStub

HELP = ("say USER PEER TEXT... | presence USER STATE | watch USER PEER | unwatch USER PEER | user USER NAME | "
        "fail METHOD STATUS [TIMES] | users | violations | help")


async def act(stub: "FrontEndStub", line: str) -> str:
    """Carries out one command; the answer is one line that begins with "ok" or "failed"."""
    words = line.split()
    verb = words[0] if words else "help"
    try:
        if verb == "say" and len(words) >= 4:
            answer = await stub.message(words[1], words[2], line.split(None, 3)[3].rstrip("\r\n"))
            return _result(answer.start[8:], answer.status < 300, diagnostics(answer))
        if verb == "presence" and len(words) == 3:
            answers = await stub.set_presence(words[1], words[2])
            return f"ok {len(answers)} watchers notified"
        if verb == "watch" and len(words) == 3:
            await stub.watch(words[1], words[2])
            return "ok watching"
        if verb == "unwatch" and len(words) == 3:
            mine = [d for d in stub.dialogs if d.kind == "watch" and (d.user, d.peer) == (words[1], words[2])
                    and not d.ended]
            for dialog in mine:
                await stub.refresh(dialog, 0)
            return f"ok {len(mine)} watches ended"
        if verb == "user" and len(words) >= 3:
            stub.users[words[1]] = User(" ".join(words[2:]))
            return "ok"
        if verb == "fail" and len(words) in (3, 4):
            what = int(words[2]) if words[2].isdigit() else words[2]
            stub.fail(words[1].upper(), what, int(words[3]) if len(words) == 4 else 1)
            return "ok"
        if verb == "users":
            return "ok " + ", ".join(f"{user} ({known.state})" for user, known in stub.users.items())
        if verb == "violations":
            return f"ok {len(stub.violations)}: " + " | ".join(stub.violations)
    except Refused as refusal:
        return _result(refusal.answer.start[8:], False, diagnostics(refusal.answer))
    except (NotSeen, OSError, KeyError) as error:
        return f"failed {type(error).__name__}: {error}"
    return ("ok " if verb == "help" else "failed usage: ") + HELP


def _result(start: str, good: bool, reason: str) -> str:
    return ("ok " if good else "failed ") + start + (f" ({reason})" if reason else "")


async def serve(stub: "FrontEndStub", path: str) -> asyncio.AbstractServer:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write((await act(stub, line.decode("utf-8", "replace").strip()) + "\n").encode())
            await writer.drain()
        writer.close()

    if os.path.exists(path):
        os.unlink(path)
    return await asyncio.start_unix_server(client, path)


async def ask(path: str, line: str, timeout: float = 20) -> str:
    """The other side, for the lab's `say` and the like."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write((line + "\n").encode())
    answer = await asyncio.wait_for(reader.readline(), timeout)
    writer.close()
    return answer.decode("utf-8", "replace").strip()
