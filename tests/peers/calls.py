# SPDX-License-Identifier: MIT
"""What the front-end stub sends: sessions, messages, watches, notifications, and the requests a front end begins with."""
from __future__ import annotations

import asyncio
from typing import Callable, Optional

from . import documents
from .answers import Answers
from .sipdialog import Dialog, split_routes
from .sipendpoint import Connection, Transaction
from .sipmsg import Message, params_of, token, uri_of
from .waiting import NotSeen


class Refused(Exception):
    """The gateway answered with a failure; `answer` is the response."""

    def __init__(self, answer: Message) -> None:
        super().__init__(answer.start)
        self.answer = answer


class Calls(Answers):

    # ---- Making requests ----

    def build(self, method: str, user: str, peer: str, first: str = "") -> tuple[Message, str]:
        """A request outside of any dialog, and its From line. Without Max-Forwards, Via and the rest nothing leaves here."""
        request = Message(f"{method} sip:{peer} SIP/2.0")
        if self.dialect.name == "lync" and method in ("INVITE", "SUBSCRIBE"):
            for line in self.dialect.record_route():
                request.add("Record-Route", line)
        for via in self.dialect.via():
            request.add("Via", via)
        name = self.users[user].name if user in self.users else ""
        sender = self.dialect.party(user, name) + f";tag={token(5)}" + self.dialect.party_params(user)
        request.add("Max-Forwards", "69").add("From", sender).add("To", f"<sip:{peer}>")
        request.add("Call-ID", token(16)).add("CSeq", f"1 {method}")
        return request, sender

    def build_in_dialog(self, dialog: Dialog, method: str, cseq: int = 0) -> Message:
        request = Message(f"{method} {dialog.target} SIP/2.0")
        for via in self.dialect.via():
            request.add("Via", via)
        for route in dialog.route:
            request.add("Route", route)
        if not cseq:
            dialog.local_cseq += 1
            cseq = dialog.local_cseq
        request.add("Max-Forwards", "70").add("From", dialog.local).add("To", dialog.remote)
        request.add("Call-ID", dialog.call_id).add("CSeq", f"{cseq} {method}")
        if method in ("NOTIFY", "SUBSCRIBE", "UPDATE"):
            request.add("Contact", dialog.contact)
        return request

    async def exchange(self, request: Message, connection: Optional[Connection] = None,
                       timeout: float = 10) -> Message:
        """Sends and waits for the final answer; NotSeen when none comes."""
        transaction = self.send_request(connection or await self.connection(), request)
        return await self.final(transaction, timeout)

    async def final(self, transaction: Transaction, timeout: float = 10) -> Message:
        try:
            return await asyncio.wait_for(asyncio.shield(transaction.final), timeout)
        except asyncio.TimeoutError:
            raise NotSeen(f"no answer to {transaction.request.summary()} within {timeout:g} s") from None

    # ---- Sessions ----

    async def invite(self, user: str, peer: str, first: str = "", body: Optional[bytes] = None,
                     content_type: str = "application/sdp", timeout: float = 10) -> Dialog:
        """Opens an IM session; `first` is the text that Lync carries along for the toast. Raises Refused."""
        request, sender = self.build("INVITE", user, peer, first)
        request.add("Contact", self.dialect.contact(user))
        self.dialect.dress_request(request, user, peer, first)
        request.add("Content-Type", content_type)
        request.body = documents.sdp(self.names.address, "null") if body is None else body
        dialog = self.dialog_for(request, sender, user, peer)
        connection = await self.connection()
        answer = await self.final(self.send_request(connection, request), timeout)
        if answer.status >= 300:
            self._ack_failure(connection, request, answer)
            dialog.ended = True
            raise Refused(answer)
        self._establish(dialog, answer)
        if "m=message" not in answer.text:
            self.violations.append("200 to an IM INVITE without m=message")
        self.send(connection, self.build_in_dialog(dialog, "ACK", 1))
        return dialog

    def dialog_for(self, request: Message, sender: str, user: str, peer: str) -> Dialog:
        """The session that an INVITE of ours is to make."""
        dialog = Dialog(request.call_id, sender, request.get("To"), f"sip:{peer}", self.dialect.contact(user),
                        "invite", user, peer, local_cseq=1, request=request)
        dialog.expected_route = split_routes(request.all("Record-Route"))
        self.dialogs.append(dialog)
        return dialog

    def _ack_failure(self, connection: Connection, request: Message, answer: Message) -> None:
        """RFC 3261 s17.1.1.3: the branch, Request-URI and From of the INVITE, the To of the answer."""
        ack = Message(f"ACK {request.uri} SIP/2.0")
        ack.add("Via", request.get("Via")).add("Max-Forwards", "70").add("From", request.get("From"))
        ack.add("To", answer.get("To")).add("Call-ID", request.call_id)
        ack.add("CSeq", f"{request.cseq[0]} ACK")
        self.send(connection, ack)

    async def cancel(self, transaction: Transaction) -> Message:
        request = transaction.request
        cancel = Message(f"CANCEL {request.uri} SIP/2.0")
        cancel.add("Via", request.get("Via")).add("Max-Forwards", "70").add("From", request.get("From"))
        cancel.add("To", request.get("To")).add("Call-ID", request.call_id)
        cancel.add("CSeq", f"{request.cseq[0]} CANCEL")
        return await self.exchange(cancel, transaction.connection)

    def session(self, user: str, peer: str) -> Optional[Dialog]:
        """The newest live session of the two, whoever began it."""
        for dialog in reversed(self.dialogs):
            if (dialog.kind == "invite" and dialog.user == user and dialog.peer == peer
                    and dialog.established and not dialog.ended and not dialog.dead):
                return dialog
        return None

    def session_of(self, call_id: str) -> Dialog:
        """The session with that Call-ID, whatever its state."""
        return next(d for d in self.dialogs if d.kind == "invite" and d.call_id == call_id)

    async def message(self, user: str, peer: str, text: str, page: Optional[bool] = None,
                      content_type: str = "text/plain; charset=UTF-8", timeout: float = 10) -> Message:
        """
        The answer to a MESSAGE: in a session (one is opened when there is none) with the lync dialect, else in page mode.
        Raises Refused for what refuses the session; an answer of the MESSAGE itself is returned whatever it is.
        """
        if page is None:
            page = not self.dialect.session_mode
        if page:
            request, _ = self.build("MESSAGE", user, peer)
        else:
            dialog = self.session(user, peer) or await self.invite(user, peer, text, timeout=timeout)
            request = self.build_in_dialog(dialog, "MESSAGE")
        self.dialect.dress_request(request, user, peer)
        request.add("Content-Type", content_type)
        request.body = text.encode("utf-8")
        return await self.exchange(request, timeout=timeout)

    def build_message(self, dialog: Dialog, text: str, content_type: str = "text/plain; charset=UTF-8") -> Message:
        request = self.build_in_dialog(dialog, "MESSAGE")
        self.dialect.dress_request(request, dialog.user, dialog.peer)
        request.add("Content-Type", content_type)
        request.body = text.encode("utf-8")
        return request

    async def bye(self, dialog: Dialog) -> Message:
        dialog.ended = True
        return await self.exchange(self.build_in_dialog(dialog, "BYE"))

    async def in_dialog(self, dialog: Dialog, method: str, body: bytes = b"", content_type: str = "") -> Message:
        request = self.build_in_dialog(dialog, method)
        self.dialect.dress_request(request, dialog.user, dialog.peer)
        if body:
            request.add("Content-Type", content_type)
            request.body = body
        return await self.exchange(request)

    # ---- Watching an XMPP user ----

    async def watch(self, user: str, peer: str, expires: Optional[int] = None, timeout: float = 10) -> Dialog:
        """SUBSCRIBE in the dialect's shape (lync.md 7.5). `expires` 0 polls. Raises Refused."""
        request, sender = self.build("SUBSCRIBE", user, peer)
        request.add("Contact", self.dialect.contact(user))
        self.dialect.dress_request(request, user, peer)
        self.dialect.watch(request, user, peer, self.dialect.expires if expires is None else expires)
        dialog = Dialog(request.call_id, sender, request.get("To"), f"sip:{peer}", self.dialect.contact(user),
                        "watch", user, peer, local_cseq=1, request=request)
        dialog.expected_route = split_routes(request.all("Record-Route"))
        self.dialogs.append(dialog)
        return await self._subscribed(dialog, request, timeout)

    async def refresh(self, dialog: Dialog, expires: int) -> Dialog:
        """A SUBSCRIBE in the dialog; 0 ends the watch (the last NOTIFY comes by itself)."""
        request = self.build_in_dialog(dialog, "SUBSCRIBE")
        self.dialect.dress_request(request, dialog.user, dialog.peer)
        self.dialect.watch(request, dialog.user, dialog.peer, expires)
        return await self._subscribed(dialog, request, 10)

    async def _subscribed(self, dialog: Dialog, request: Message, timeout: float) -> Dialog:
        answer = await self.exchange(request, timeout=timeout)
        if answer.status >= 300:
            dialog.ended = True
            raise Refused(answer)
        granted, asked = answer.get("Expires"), request.get("Expires")
        if granted.isdigit() and asked.isdigit() and int(granted) > int(asked):
            self.violations.append(f"Expires {granted} granted, {asked} asked (RFC 6665 s4.2.1.1)")
        dialog.expires = int(granted) if granted.isdigit() else 0
        if not dialog.established:
            self._establish(dialog, answer)
        return dialog

    @staticmethod
    def _establish(dialog: Dialog, answer: Message) -> None:
        """RFC 3261 s12.1.2; our own Record-Route is no hop for us, what others have added is."""
        dialog.answer = answer
        own = split_routes(dialog.request.all("Record-Route"))
        dialog.remote, dialog.target = answer.get("To"), uri_of(answer.get("Contact"))
        dialog.route = [r for r in reversed(split_routes(answer.all("Record-Route"))) if r not in own]
        dialog.established = True

    async def wait_seen(self, user: str, peer: str, check: Callable[[dict], bool], what: str = "presence",
                        timeout: float = 10) -> dict:
        """Waits until a NOTIFY about `peer` that `check` likes has come to `user`; it and those before are used up."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            self._arrived.clear()
            for index, seen in enumerate(self.seen_presence):
                if seen["user"] == user and seen["peer"] == peer and check(seen):
                    self.seen_presence[:] = [s for i, s in enumerate(self.seen_presence)
                                             if i > index or s["user"] != user or s["peer"] != peer]
                    return seen
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                had = [(s["open"], s["activities"], s["state"]) for s in self.seen_presence]
                raise NotSeen(f"{user} did not see {what} of {peer} within {timeout:g} s; NOTIFYs so far: {had}")
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except asyncio.TimeoutError:
                pass

    # ---- Telling the gateway about our users ----

    def watchers(self, user: str) -> list[Dialog]:
        return [d for d in self.dialogs if d.kind == "subscribe" and d.user == user and d.established
                and not d.ended and not d.dead]

    async def set_presence(self, user: str, state: str, note: str = "") -> list[Message]:
        """A new state; every watcher of the gateway is notified. Gives the answers."""
        self.users[user].state, self.users[user].note = state, note
        return [await self.notify(dialog) for dialog in self.watchers(user)]

    async def notify(self, dialog: Dialog, state: str = "", body: Optional[bytes] = None,
                     content_type: str = "application/pidf+xml") -> Message:
        """`state` is the Subscription-State; default active with what is left."""
        request = self.build_in_dialog(dialog, "NOTIFY")
        self.dialect.dress_request(request, dialog.user, dialog.peer)
        request.add("Event", "presence")
        request.add("Subscription-State", state or f"active;expires={dialog.expires}")
        if body is None:
            content_type, body = self.presence_of(dialog)
        if body:
            request.add("Content-Type", content_type)
            request.body = body
        if state.startswith("terminated"):
            dialog.ended = True
        return await self.exchange(request)

    # ---- Hop by hop ----

    def build_hop(self, method: str) -> Message:
        request = Message(f"{method} sip:{self.gateway_name} SIP/2.0")
        via = self.dialect.via()[0]
        request.add("Via", via).add("Max-Forwards", "0" if method == "NEGOTIATE" else "70")
        request.add("From", f"<sip:{self.names.server}>;tag={token(5)}").add("To", f"<sip:{self.gateway_name}>")
        request.add("Call-ID", token(16)).add("CSeq", f"1 {method}")
        return request

    async def on_connected(self, connection: Connection) -> None:
        if self.dialect.name == "lync":
            await self.greet(connection)

    async def greet(self, connection: Connection) -> tuple[Message, Message]:
        """lync.md 4.2: a front end asks for compression first; refused with the connection kept, it goes on plainly."""
        negotiate = self.build_hop("NEGOTIATE").add("Compression", "LZ77-64K")
        first = await self.exchange(negotiate, connection)
        if first.status < 300:
            self.violations.append(f"NEGOTIATE answered {first.status}: compression claimed")
        second = await self.exchange(self.build_hop("OPTIONS"), connection)
        if second.status != 200 or not second.has("Allow"):
            self.violations.append(f"OPTIONS answered {second.start!r} without what R-25 asks for")
        return first, second


def diagnostics(answer: Message) -> str:
    """The reason an administrator reads in ms-diagnostics or its public twin; empty when there is none."""
    for name in ("ms-diagnostics", "ms-diagnostics-public"):
        if answer.has(name):
            return params_of("<>;" + answer.get(name).partition(";")[2]).get("reason", "")
    return ""
