# SPDX-License-Identifier: MIT
"""
The front-end stub in one container, used from another: a socket in a volume of both, one JSON object a line.

    call     {"id": 7, "name": "message", "arguments": [...], "keywords": {...}}
    answer   {"id": 7, "value": ...}  or  {"id": 7, "error": "NotSeen", "text": "...", "answer": null}
    seen     {"seen": [direction, message]}     to whoever has called "listen"
"""
from __future__ import annotations

import asyncio
import base64
import inspect
import itertools
import json
import socket
from pathlib import Path
from typing import Any, Callable, Optional

from labkit import lab as _  # noqa: F401  (it makes `peers` known)
from peers.calls import Refused
from peers.frontend import FrontEndStub
from peers.sipmsg import Message, parse_head
from peers.waiting import NotSeen

LIMIT = 1 << 20
Hook = Callable[[str, Message], None]


# ---- Values on the way ----

def encode(value: Any) -> Any:
    """Messages whole, plain values as they are, anything else by its name: the other side has no use for it."""
    if isinstance(value, Message):
        return {"sip": base64.b64encode(value.to_bytes()).decode()}
    if isinstance(value, dict):
        return {"dict": {key: encode(each) for key, each in value.items()}}
    if isinstance(value, (list, tuple, set)):
        return [encode(each) for each in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return f"<{type(value).__name__}>"


def decode(value: Any) -> Any:
    if isinstance(value, list):
        return [decode(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {key: decode(each) for key, each in value["dict"].items()}
    head, _, body = base64.b64decode(value["sip"]).partition(b"\r\n\r\n")
    message = parse_head(head)
    message.body = body
    return message


def line_of(data: dict) -> bytes:
    return json.dumps(data).encode() + b"\n"


# ---- The side of the stub ----

class StubServer:
    def __init__(self, stub: FrontEndStub, path: Path) -> None:
        self.stub, self.path = stub, path
        self.listeners: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task] = set()

    async def start(self) -> asyncio.AbstractServer:
        self.path.unlink(missing_ok=True)
        return await asyncio.start_unix_server(self._client, str(self.path), limit=LIMIT)

    def seen(self, direction: str, message: Message) -> None:
        """Hook of the stub."""
        for writer in self.listeners:
            writer.write(line_of({"seen": [direction, encode(message)]}))

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                task = asyncio.create_task(self._call(json.loads(line), writer))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        finally:
            self.listeners.discard(writer)
            writer.close()

    async def _call(self, call: dict, writer: asyncio.StreamWriter) -> None:
        answer = {"id": call["id"]}
        try:
            answer["value"] = encode(await self._value(call, writer))
        except Exception as error:  # whatever went wrong belongs to the caller
            answer |= {"error": type(error).__name__, "text": str(error),
                       "answer": encode(getattr(error, "answer", None))}
        writer.write(line_of(answer))

    async def _value(self, call: dict, writer: asyncio.StreamWriter) -> Any:
        name, arguments, keywords = call["name"], decode(call["arguments"]), call["keywords"]
        if name == "listen":
            self.listeners.add(writer)
            return None
        if name == "take_seen":
            return self._take_seen(*arguments)
        value = getattr(self.stub, name)
        value = value(*arguments, **keywords) if callable(value) else value
        return await value if inspect.isawaitable(value) else value

    def _take_seen(self, user: str, peer: str) -> list[dict]:
        taken = [s for s in self.stub.seen_presence if (s["user"], s["peer"]) == (user, peer)]
        self.stub.seen_presence[:] = [s for s in self.stub.seen_presence if s not in taken]
        return taken


# ---- The side of the users ----

class RemoteStub:
    """
    Has the methods and attributes of FrontEndStub, with arguments that JSON can carry. What is a coroutine there is one
    here; the others ask and wait, as they are quick.
    """

    def __init__(self, path: Path, hook: Optional[Hook]) -> None:
        self._path, self._hook = path, hook
        self._numbers = itertools.count(1)
        self._open: dict[int, asyncio.Future] = {}
        self._presence: dict[tuple[str, str], list[dict]] = {}

    @classmethod
    async def connect(cls, path: Path, hook: Optional[Hook] = None) -> "RemoteStub":
        stub = cls(path, hook)
        reader, stub._writer = await asyncio.open_unix_connection(str(path), limit=LIMIT)
        stub._reading = asyncio.create_task(stub._read(reader))
        await stub._ask("listen")
        return stub

    async def close(self) -> None:
        self._writer.close()
        self._reading.cancel()

    def __getattr__(self, name: str) -> Any:
        there = inspect.getattr_static(FrontEndStub, name, None)
        if inspect.iscoroutinefunction(there):
            return lambda *arguments, **keywords: self._ask(name, *arguments, **keywords)
        if callable(there):
            return lambda *arguments, **keywords: self._ask_and_block(name, *arguments, **keywords)
        return self._ask_and_block(name)

    async def wait_seen(self, user: str, peer: str, check: Callable[[dict], bool], what: str = "presence",
                        timeout: float = 10) -> dict:
        """Here and not there, because of `check`."""
        deadline = asyncio.get_running_loop().time() + timeout
        waiting = self._presence.setdefault((user, peer), [])
        while True:
            waiting += await self._ask("take_seen", user, peer)
            for index, seen in enumerate(waiting):
                if check(seen):
                    del waiting[:index + 1]
                    return seen
            if asyncio.get_running_loop().time() > deadline:
                raise NotSeen(f"{user} did not see {what} of {peer} within {timeout:g} s; NOTIFYs so far: "
                              f"{[(s['open'], s['activities'], s['state']) for s in waiting]}")
            await asyncio.sleep(0.05)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            data = json.loads(line)
            if "seen" in data:
                if self._hook:
                    self._hook(*decode(data["seen"]))
            elif (future := self._open.pop(data["id"], None)) and not future.done():
                future.set_result(data)
        for future in self._open.values():
            future.set_result({"error": "OSError", "text": "the front-end stub has gone away"})

    async def _ask(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        number = next(self._numbers)
        future = self._open[number] = asyncio.get_running_loop().create_future()
        self._writer.write(self._call(number, name, arguments, keywords))
        return self._outcome(await future)

    def _ask_and_block(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(str(self._path))
            sock.sendall(self._call(0, name, arguments, keywords))
            with sock.makefile("rb") as answers:
                return self._outcome(json.loads(answers.readline()))

    @staticmethod
    def _call(number: int, name: str, arguments: tuple, keywords: dict) -> bytes:
        return line_of({"id": number, "name": name, "arguments": encode(list(arguments)), "keywords": keywords})

    @staticmethod
    def _outcome(data: dict) -> Any:
        if "error" not in data:
            return decode(data["value"])
        if data["error"] == "Refused":
            raise Refused(decode(data["answer"]))
        known = {"NotSeen": NotSeen, "AssertionError": AssertionError, "OSError": OSError}
        raise known.get(data["error"], RuntimeError)(data["text"])
