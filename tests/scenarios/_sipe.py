# SPDX-License-Identifier: MIT
"""pidgin-sipe, a real MS-SIP client, at the front-end stub's registrar (tests/peers/sipe-client.c, registrar.py)."""
from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Callable, Optional

from labkit.process import tail
from peers.waiting import NotSeen

from run import Skip


def program(lab) -> Path:
    path = lab.stoxd.program.parent.parent / "tests" / "peers" / "sipe-client"
    if not path.exists():
        raise Skip("sipe-client was not built: libpurple-dev was not installed when the build was set up")
    if not list(Path("/usr/lib").glob("purple-2/libsipe.so")) + list(Path("/usr/lib").glob("*/purple-2/libsipe.so")):
        raise Skip("pidgin-sipe is not installed")
    return path


class Sipe:
    """async with Sipe(lab, "alice@contoso.example", "127.0.0.11:5060") as alice: await alice.tell("im", bob, "Hello")"""

    def __init__(self, lab, user: str, server: str) -> None:
        self.lab, self.user, self.server = lab, user, server
        self.program = program(lab)
        self.directory = lab.directory / ("sipe-" + user.partition("@")[0])
        self.log = self.directory / "log"
        self.events: list[str] = []   # lines that nothing has waited for
        self.story: list[str] = []    # all of them
        self._arrived = asyncio.Event()
        self.child: Optional[asyncio.subprocess.Process] = None

    async def __aenter__(self) -> "Sipe":
        self.directory.mkdir()
        self.lab.setting.unprivileged.own(self.directory)
        command = [*self.lab.setting.unprivileged.prefix(), str(self.program), self.user, self.server, str(self.directory)]
        if os.environ.get("STOXD_KEEP"):
            command.append("--debug")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DBUS_")}
        environment |= {"HOME": str(self.directory), "LC_ALL": "C.UTF-8"}
        with open(self.log, "wb") as log:
            self.child = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                                                              stderr=log, env=environment)
        self._reader = asyncio.get_running_loop().create_task(self._read())
        return self

    async def __aexit__(self, kind, error, trace) -> None:
        if kind is not None:
            print("what the client told:\n  " + "\n  ".join(self.story))
            print(tail(self.log, 60, "sipe-client"))
        await self.quit()

    async def quit(self) -> int:
        """It takes its leave of the server; gives its exit status."""
        if self.child.returncode is None:
            try:
                self.tell("quit")
                await asyncio.wait_for(self.child.wait(), 10)
            except (asyncio.TimeoutError, ConnectionError):
                self.child.kill()
                await self.child.wait()
        await self._reader
        return self.child.returncode

    async def _read(self) -> None:
        while line := await self.child.stdout.readline():
            self.events.append(line.decode("utf-8", "replace").rstrip("\n"))
            self.story.append(self.events[-1])
            self._arrived.set()

    def tell(self, *words: str) -> None:
        self.child.stdin.write((" ".join(words) + "\n").encode())

    async def wait(self, *words: str, check: Optional[Callable[[str], bool]] = None, timeout: float = 10) -> str:
        """The first unread event that is exactly these words, or that begins with them and that `check` likes."""
        wanted = " ".join(words)
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            self._arrived.clear()
            for line in self.events:
                if line == wanted if check is None else line.startswith(wanted) and check(line):
                    self.events.remove(line)
                    return line
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or self.child.returncode is not None:
                raise NotSeen(f"{self.user}'s client did not tell {wanted!r} within {timeout:g} s; unread: {self.events}")
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except asyncio.TimeoutError:
                pass
