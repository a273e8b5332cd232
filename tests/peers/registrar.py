# SPDX-License-Identifier: MIT
"""
The front-end stub as the home server of real MS-SIP clients: registrar, contact list and publications over plain TCP, and a proxy
between them and the gateway. What a client sends to a partner's user reaches the gateway with our Via (and Record-Route) on top of the
client's own lines; nothing below is touched. A client's published state is what the gateway's subscriptions are told.

It answers as far as pidgin-sipe 1.25.0 needs, and is no evidence of what a Microsoft server does.
"""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Callable, Optional

from . import msdocuments
from .answers import User
from .frontend import FrontEndStub
from .sipdialog import split_routes
from .sipendpoint import Connection
from .siplint import lint_response
from .sipmsg import Message, SipError, address_of, params_of, response, tag_of, token, uri_of
from .waiting import NotSeen

ROUTED = ("INVITE", "ACK", "BYE", "INFO", "MESSAGE", "UPDATE", "NOTIFY")
EVENTS = ("vnd-microsoft-provisioning,vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-ACL,presence,presence.wpending,"
          "vnd-microsoft-roaming-self,vnd-microsoft-provisioning-v2")


@dataclass
class Client:
    """One user of ours, whether somebody has registered for him at the moment or not."""

    connection: Optional[Connection] = None
    contact: str = ""                                        # the Contact that was registered, as it came
    contacts: dict[str, str] = field(default_factory=dict)   # his list: address -> name
    delta: int = 1


@dataclass
class Call:
    """A dialog between a client and the gateway, as far as a proxy has to know it."""

    routes: list[str] = field(default_factory=list)   # what we put in front of it
    target: str = ""                                  # the client's Contact


class Registrar:
    """`users` get an account; every other address of the domain is unknown. `seen` holds (direction, message) between clients and us."""

    def __init__(self, stub: FrontEndStub, users: list[str], port: int = 5060) -> None:
        self.stub, self.address, self.port = stub, stub.names.address, port
        self.clients = {user: Client() for user in users}
        self.seen: list[tuple[str, Message]] = []
        self.calls: dict[str, Call] = {}
        self._failed: set[tuple[str, int]] = set()                     # INVITEs whose failure we have acknowledged ourselves
        self._down: dict[str, tuple[Connection, Message, Message]] = {}   # branch -> gateway's connection, its request, ours
        self._arrived = asyncio.Event()
        self._server: Optional[asyncio.AbstractServer] = None
        for user in users:
            stub.users[user] = User(user.partition("@")[0].capitalize(), "offline")
        stub.relay = self._from_gateway

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accepted, self.address, self.port)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for client in self.clients.values():
            if client.connection:
                client.connection.close()

    async def wait(self, what: str, check: Callable[[str, Message], bool], timeout: float = 10) -> Message:
        """The first message that `check` likes, of all that passed between the clients ("<") and us (">"), old ones included."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            self._arrived.clear()
            for direction, message in self.seen:
                if check(direction, message):
                    return message
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise NotSeen(f"the registrar did not see {what} within {timeout:g} s; last: "
                              f"{[d + m.summary() for d, m in self.seen[-8:]]}")
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except asyncio.TimeoutError:
                pass

    # ---- The clients' side ----

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, own=False)
        connection.task = self.stub.spawn(self._read(connection))

    async def _read(self, connection: Connection) -> None:
        try:
            while connection.open and (data := await connection.reader.read(65536)):
                for message in connection.framer.feed(data):
                    self._note("<", message)
                    if message.is_request:
                        await self._from_client(connection, message)   # one by one: their order is part of what is tested
                    else:
                        self._answer_of_client(message)
        except SipError as error:
            self.stub.violations.append(f"a client: {error}")
        except (ConnectionError, OSError):
            pass
        finally:
            connection.close()
            for user, client in self.clients.items():
                if client.connection is connection:
                    self._registered(user, None, "")

    def _note(self, direction: str, message: Message) -> None:
        self.seen.append((direction, message))
        self._arrived.set()

    def _send(self, connection: Connection, message: Message) -> None:
        self._note(">", message)
        connection.write(message.to_bytes())

    def _reply(self, connection: Connection, request: Message, status: int, headers: tuple[tuple[str, str], ...] = (),
               content_type: str = "", body: bytes = b"") -> None:
        answer = response(request, status, to_tag=token(4).upper())
        for name, value in headers:
            answer.add(name, value)
        if status >= 300:
            for name, value in self.stub.dialect.error_headers(status):
                answer.add(name, value)
        answer.add("Server", "RTC/5.0")
        if body:
            answer.add("Content-Type", content_type)
            answer.body = body
        self._send(connection, answer)

    async def _from_client(self, connection: Connection, request: Message) -> None:
        to, sender = address_of(request.get("To")), address_of(request.get("From"))
        if request.method == "REGISTER":
            self._register(connection, request)
        elif self.clients.get(sender, Client()).connection is not connection:
            self._reply(connection, request, 403)
        elif request.method == "SERVICE":
            await self._service(connection, request, sender)
        elif request.method == "SUBSCRIBE" and to == sender:
            self._subscribe(connection, request, sender)
        elif to.rpartition("@")[2] != self.stub.names.domain:
            await self._to_gateway(connection, request)
        elif request.method != "ACK":
            self._reply(connection, request, 404)

    def _registered(self, user: str, connection: Optional[Connection], contact: str) -> None:
        client = self.clients[user]
        client.connection, client.contact = connection, contact
        if connection is None and self.stub.users[user].state != "offline":
            self.stub.spawn(self.stub.set_presence(user, "offline"))

    def _register(self, connection: Connection, request: Message) -> None:
        user, contact = address_of(request.get("To")), request.get("Contact")
        if user not in self.clients:
            self._reply(connection, request, 404)
            return
        expires = request.get("Expires", "600")
        if expires == "0":
            self._registered(user, None, "")
        else:
            self._registered(user, connection, contact)
        self._reply(connection, request, 200, (
            ("Contact", f"{contact};expires={expires}"), ("Expires", expires), ("presence-state", 'register-action="added"'),
            ("Allow-Events", EVENTS), ("Supported", "adhoclist"), ("Supported", "msrtc-event-categories"),
            ("ms-keep-alive", "UAS; tcp=yes; hop-hop=yes; end-end=no; timeout=300")))

    def _subscribe(self, connection: Connection, request: Message, user: str) -> None:
        """To himself: the first notification rides in the 200 (MS-SIP 4.3)."""
        client, event = self.clients[user], request.get("Event")
        kinds = {
            "vnd-microsoft-roaming-contacts": ("application/vnd-microsoft-roaming-contacts+xml",
                                               lambda: msdocuments.contact_list(client.contacts, client.delta)),
            "vnd-microsoft-roaming-self": ("application/vnd-microsoft-roaming-self+xml", lambda: msdocuments.roaming_self(user)),
            "vnd-microsoft-provisioning-v2": ("application/vnd-microsoft-roaming-provisioning-v2+xml", msdocuments.provisioning),
            "presence": ("application/rlmi+xml", lambda: msdocuments.elsewhere(user, msdocuments.resources(request.body))),
        }
        if event not in kinds:
            self._reply(connection, request, 489)
            return
        content_type, document = kinds[event]
        expires = request.get("Expires", "28800")   # most of them name none; granting 0 would end the client's session
        headers = (("Expires", expires), ("Event", event), ("subscription-state", f"active;expires={expires}"),
                   ("Contact", f"<sip:{self.stub.names.server}:{self.port};transport=tcp>"), ("ms-piggyback-cseq", "1"),
                   ("Supported", "ms-benotify, ms-piggyback-first-notify"))
        empty = expires == "0" and not request.body
        self._reply(connection, request, 200, headers, content_type, b"" if empty else document())

    async def _service(self, connection: Connection, request: Message, user: str) -> None:
        kind = request.get("Content-Type").lower()
        if kind.startswith("application/msrtc-category-publish+xml"):
            news = msdocuments.published(user, request.body)
            self._reply(connection, request, 200, (), "application/vnd-microsoft-roaming-self+xml", news.answer)
            known = self.stub.users[user]
            state = known.state if news.availability is None else msdocuments.word_of(news.availability)
            note = known.note if news.note is None else news.note
            if (state, note) != (known.state, known.note):
                self.stub.spawn(self.stub.set_presence(user, state, note))
            return
        if kind.startswith("application/soap+xml"):
            client = self.clients[user]
            verb, address = msdocuments.changed_contact(request.body)
            client.delta += 1
            if verb == "setContact":
                client.contacts[address] = address
            elif verb == "deleteContact":
                client.contacts.pop(address, None)
        self._reply(connection, request, 200)

    # ---- A client's request, to the gateway ----

    async def _to_gateway(self, connection: Connection, request: Message) -> None:
        if request.method == "ACK" and (request.call_id, request.cseq[0]) in self._failed:
            return
        names, dialect = self.stub.names, self.stub.dialect
        own = f"<sip:{names.pool}:"
        sent = Message(request.start, [("Via", dialect.via()[0])], request.body)
        if not tag_of(request.get("To")) and request.method in ("INVITE", "SUBSCRIBE"):
            lines = dialect.record_route()
            self.calls[request.call_id] = Call(split_routes(lines), uri_of(request.get("Contact")))
            sent.headers += [("Record-Route", line) for line in lines]
        for name, value in request.headers:
            if name == "Max-Forwards":
                value = str(int(value) - 1)
            if name != "Route" or not value.startswith(own):
                sent.headers.append((name, value))
        way = await self.stub.connection()
        if request.method == "ACK":
            self.stub.send(way, sent)
            return
        transaction = self.stub.send_request(way, sent)
        transaction.on_answer = lambda answer: self._answer_of_gateway(connection, way, sent, answer)

    def _answer_of_gateway(self, connection: Connection, way: Connection, sent: Message, answer: Message) -> None:
        if answer.status == 100:
            return
        if sent.method == "INVITE" and answer.status >= 300:
            self._failed.add((sent.call_id, sent.cseq[0]))
            self.stub._ack_failure(way, sent, answer)
        self._send(connection, without_top_via(answer))

    # ---- The gateway's request, to a client ----

    def _from_gateway(self, way: Connection, request: Message) -> bool:
        """What is for a client of ours; presence of our users is the stub's own business."""
        user = address_of(request.get("To"))
        if user not in self.clients or request.method not in ROUTED:
            return False
        key = (request.call_id, request.cseq[0])
        if request.method == "ACK" and key in self._failed:
            return True
        call = self.calls.get(request.call_id)
        if request.method == "NOTIFY" and call is None:
            return False
        client = self.clients[user]
        if client.connection is None:
            if request.method != "ACK":
                self.stub.answer(way, request, 480)
                self._failed.add(key)
            return True
        sent = self._for_client(client, request, call)
        if request.method == "INVITE":
            self.stub.answer(way, request, 100)
        if request.method != "ACK":
            self._down[branch_of(sent)] = (way, request, sent)
        self._send(client.connection, sent)
        return True

    def _for_client(self, client: Client, request: Message, call: Optional[Call]) -> Message:
        """As a proxy passes it on (RFC 3261 s16.6); what a proxy can see to be wrong is a violation."""
        routes, target, added = split_routes(request.all("Route")), request.uri, []
        if not tag_of(request.get("To")):
            target = uri_of(client.contact)
            if request.method == "INVITE":
                added = self.stub.dialect.record_route()
                self.calls[request.call_id] = Call(split_routes(added), "")
        elif call is None:
            self.stub.violations.append(f"{request.method} {request.call_id}: in a dialog that nobody has begun")
        else:
            if routes != call.routes:
                self.stub.violations.append(f"{request.method} {request.call_id}: Route {routes}, not {call.routes} (R-33)")
            if target != call.target:
                self.stub.violations.append(f"{request.method} {request.call_id}: to {target}, the client's Contact is {call.target}"
                                            " (R-33)")
        via = f"SIP/2.0/TCP {self.address}:{self.port};branch=z9hG4bK{token().upper()}"
        sent = Message(f"{request.method} {target} SIP/2.0", [("Via", via)], request.body)
        sent.headers += [("Record-Route", line) for line in added]
        for name, value in request.headers:
            if name == "Max-Forwards":
                value = str(int(value) - 1)
            if name != "Route":
                sent.headers.append((name, value))
        return sent

    def _answer_of_client(self, answer: Message) -> None:
        known = self._down.get(branch_of(answer))
        if known is None:
            self.stub.violations.append(f"a client answered what it was not asked: {answer.summary()}")
            return
        way, request, sent = known
        if request.method == "INVITE" and answer.status >= 300:
            self._failed.add((request.call_id, request.cseq[0]))
            ack = Message(f"ACK {sent.uri} SIP/2.0", [("Via", sent.get("Via")), ("Max-Forwards", "70"), ("From", sent.get("From")),
                                                     ("To", answer.get("To")), ("Call-ID", sent.call_id),
                                                     ("CSeq", f"{sent.cseq[0]} ACK")])
            self._send(self.clients[address_of(request.get("To"))].connection, ack)
        elif request.method == "INVITE" and answer.status >= 200:
            self.calls[request.call_id].target = uri_of(answer.get("Contact"))
        self.stub.send(way, without_top_via(answer))


def branch_of(message: Message) -> str:
    return params_of("<>;" + message.get("Via").partition(";")[2]).get("branch", "")


def without_top_via(answer: Message) -> Message:
    position = next(i for i, (name, _) in enumerate(answer.headers) if name.lower() in ("via", "v"))
    return Message(answer.start, answer.headers[:position] + answer.headers[position + 1:], answer.body)
