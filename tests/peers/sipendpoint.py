# SPDX-License-Identifier: MIT
"""Connections and transactions of the front-end stub: listens, connects, frames, lints, matches responses, lets tests wait."""
from __future__ import annotations

import asyncio
import ssl
from typing import Callable, Optional

from .dialects import Names
from .sipdatagram import DatagramSide, open_datagrams
from .siplint import lint_request, lint_response
from .sipmsg import Framer, Message, SipError, address_of, params_of, tag_of
from .waiting import NotSeen

Hook = Callable[[str, Message], None]


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, own: bool) -> None:
        self.reader, self.writer, self.own = reader, writer, own
        self.framer = Framer()
        self.open = True
        self.task: Optional[asyncio.Task] = None

    def write(self, data: bytes) -> None:
        if self.open and not self.writer.is_closing():
            self.writer.write(data)

    def close(self, abort: bool = False) -> None:
        self.open = False
        if abort:
            self.writer.transport.abort()
        else:
            self.writer.close()


class Transaction:
    """A request that we sent: its provisional answers, and a future of the final one."""

    def __init__(self, request: Message, connection: Connection) -> None:
        self.request, self.connection = request, connection
        self.provisional: list[Message] = []
        self.on_answer: Optional[Callable[[Message], None]] = None   # every answer, as it comes
        self.final: asyncio.Future[Message] = asyncio.get_running_loop().create_future()


class Endpoint:
    """
    `gateway` is where stoxd listens (host, port); `tls` the pair of contexts (server, client), None with plain TCP. With UDP as the names'
    transport TCP is listened on as well.
    `hook` is called with "<" (from the gateway) or ">" (to it) and every message. Violations of the rules of SIP are
    collected in `violations`; a scenario asserts that it is empty.
    """

    peer_is_proxy = False   # the other side may add Record-Route to its answers; a gateway may not

    def __init__(self, names: Names, gateway: tuple[str, int],
                 tls: Optional[tuple[ssl.SSLContext, ssl.SSLContext]] = None, gateway_name: str = "",
                 hook: Optional[Hook] = None) -> None:
        self.names, self.gateway, self.tls = names, gateway, tls
        self.gateway_name = gateway_name or "xgw." + names.domain
        self.hook = hook
        self.violations: list[str] = []
        self.connections: list[Connection] = []
        self.received: list[Message] = []     # every request of the gateway, in order
        self.connected_in = 0                 # connections that the gateway opened
        self.relay: Optional[Callable[[Connection, Message], bool]] = None   # takes requests that are not for us (registrar.py)
        self._taken: set[int] = set()         # indices that a wait has consumed
        self._arrived: asyncio.Event = asyncio.Event()
        self._server: Optional[asyncio.AbstractServer] = None
        self.datagrams: Optional[DatagramSide] = None   # with UDP, beside the listener of TCP
        self._branches: set[str] = set()
        self._pending: dict[str, Transaction] = {}
        self._answered: dict[str, Transaction] = {}
        self._tasks: set[asyncio.Task] = set()

    # ---- Life ----

    async def start(self) -> None:
        context = self.tls[0] if self.tls else None
        self._server = await asyncio.start_server(self._accepted, self.names.address, self.names.port,
                                                  ssl=context)
        if self.names.transport == "udp":
            self.datagrams = await open_datagrams(self)

    async def stop(self, abort: bool = False) -> None:
        """Closes the listener and every connection; what was learned stays."""
        if self._server:
            self._server.close()
            self._server = None
        if self.datagrams:
            self.datagrams.close()
        self.close_connections(abort)
        for transaction in list(self._pending.values()):
            if not transaction.final.done():
                transaction.final.set_exception(ConnectionResetError("the stub was stopped"))
                transaction.final.exception()
        self._pending.clear()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close_connections(self, abort: bool = False) -> None:
        for connection in list(self.connections):
            connection.close(abort)
        self.connections.clear()

    def spawn(self, work) -> asyncio.Task:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() and not isinstance(
                task.exception(), (ConnectionError, NotSeen)):
            self.violations.append(f"the stub itself failed: {task.exception()!r}")

    # ---- Connections ----

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:   # stopped while TLS was being set up
            writer.transport.abort()
            return
        self.connected_in += 1
        self._adopt(reader, writer, own=False)

    def _adopt(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, own: bool) -> Connection:
        connection = Connection(reader, writer, own)
        self.connections.append(connection)
        connection.task = self.spawn(self._read(connection))
        return connection

    async def connect(self, source: Optional[str] = None) -> Connection:
        """Opens a connection to the gateway, from our own address (the gateway knows TCP peers by it)."""
        context = self.tls[1] if self.tls else None
        name = self.gateway_name if self.tls else None
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(self.gateway[0], self.gateway[1], ssl=context, server_hostname=name,
                                    local_addr=(source or self.names.address, 0)), 10)
        connection = self._adopt(reader, writer, own=True)
        await self.on_connected(connection)
        return connection

    async def on_connected(self, connection: Connection) -> None:
        """For the front end: what it says first on a connection of its own."""

    async def connection(self) -> Connection:
        """A connection for our requests: our own if it lives, else a new one; over UDP the gateway's address."""
        if self.datagrams and self.names.transport == "udp":
            return self.datagrams.place(self.gateway)
        for connection in self.connections:
            if connection.own and connection.open and not connection.reader.at_eof():
                return connection
        return await self.connect()

    async def _read(self, connection: Connection) -> None:
        try:
            while connection.open:
                data = await connection.reader.read(65536)
                if not data:
                    break
                pings = connection.framer.pings
                for message in connection.framer.feed(data):
                    self._dispatch(connection, message)
                for _ in range(connection.framer.pings - pings):
                    connection.write(b"\r\n")
        except SipError as error:
            self.violations.append(str(error))
        except (ConnectionError, ssl.SSLError, OSError):
            pass
        finally:
            connection.close()
            if connection in self.connections:
                self.connections.remove(connection)
            for key, transaction in list(self._pending.items()):
                if transaction.connection is connection and not transaction.final.done():
                    transaction.final.set_exception(ConnectionResetError("closed before the answer"))
                    transaction.final.exception()
                    del self._pending[key]

    # ---- Messages ----

    def _dispatch(self, connection: Connection, message: Message) -> None:
        if self.hook:
            self.hook("<", message)
        if message.is_request:
            for wrong in lint_request(message, self._branches):
                self.violations.append(f"{message.method} {message.call_id}: {wrong}")
            self.received.append(message)
            self._arrived.set()
            if not (self.relay and self.relay(connection, message)):
                self.on_request(connection, message)
            return
        key = _transaction_key(message)
        transaction = self._pending.get(key)
        if transaction is None:
            if key not in self._answered:
                self.violations.append(f"a response to nothing that we sent: {message.summary()}")
            return
        self.violations += [f"{message.summary()}: {w}" for w in lint_response(message, transaction.request,
                                                                             self.peer_is_proxy)]
        if transaction.connection is not connection and transaction.connection.open:
            self.violations.append(f"{message.summary()} came on another connection than its request")
        if transaction.on_answer:
            transaction.on_answer(message)
        if message.status < 200:
            transaction.provisional.append(message)
            return
        del self._pending[key]
        self._answered[key] = transaction
        if not transaction.final.done():
            transaction.final.set_result(message)

    def on_request(self, connection: Connection, request: Message) -> None:
        raise NotImplementedError

    def send(self, connection: Connection, message: Message) -> None:
        if self.hook:
            self.hook(">", message)
        connection.write(message.to_bytes())

    def send_request(self, connection: Connection, request: Message) -> Transaction:
        transaction = Transaction(request, connection)
        self._pending[_transaction_key(request)] = transaction
        self.send(connection, request)
        return transaction

    # ---- Waiting ----

    async def wait_request(self, method: str, timeout: float = 10, user: str = "", peer: str = "",
                           text: Optional[str] = None,
                           check: Optional[Callable[[Message], bool]] = None) -> Message:
        """The first request of that kind that no wait has taken yet. `user` is ours (To), `peer` the XMPP user (From)."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            self._arrived.clear()
            for index, request in enumerate(self.received):
                if (index not in self._taken and request.method == method
                        and (not user or address_of(request.get("To")) == user)
                        and (not peer or address_of(request.get("From")) == peer)
                        and (text is None or request.text == text)
                        and (check is None or check(request))):
                    self._taken.add(index)
                    return request
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                what = " ".join(x for x in (method, user and f"to {user}", peer and f"from {peer}") if x)
                raise NotSeen(f"no {what} from the gateway within {timeout:g} s")
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except asyncio.TimeoutError:
                pass

    def unexpected(self, method: str) -> list[Message]:
        """Requests of a kind that no wait has taken: for "and nothing else was sent"."""
        return [r for i, r in enumerate(self.received) if i not in self._taken and r.method == method]

    def assert_clean(self) -> None:
        assert not self.violations, "the gateway broke rules of SIP:\n  " + "\n  ".join(self.violations)


def _transaction_key(message: Message) -> str:
    via = params_of("<>;" + message.get("Via").partition(";")[2])
    return f"{via.get('branch', '')}/{message.cseq[1]}"


def in_dialog(request: Message) -> bool:
    return bool(tag_of(request.get("To")))
