# SPDX-License-Identifier: MIT
"""What the front-end stub answers by itself, and the failures that a script can put in the way."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Optional, Union

from . import documents
from .sipdialog import Dialog, split_routes
from .sipendpoint import Connection, Endpoint, in_dialog
from .sipmsg import Message, address_of, response, tag_of, token, uri_of

ALLOW = "INVITE, ACK, BYE, CANCEL, INFO, MESSAGE, UPDATE, OPTIONS, SUBSCRIBE, NOTIFY"


@dataclass
class User:
    """One of the front end's users, and what the others may see of him."""

    name: str = ""
    state: str = "available"
    note: str = ""


@dataclass
class Failure:
    """The next `times` requests of that method get `what`: a status, "silence", "hold" (see release()), "close", "abort"."""

    method: str
    what: Union[int, str]
    times: int = 1
    user: str = ""
    only_in_dialog: bool = False
    headers: list[tuple[str, str]] = field(default_factory=list)


class Answers(Endpoint):
    """Needs `dialect`, `users`, `dialogs` (set up by FrontEndStub)."""

    failures: list[Failure]
    held: list[tuple[Connection, Message]]
    invite_delay = 0.0       # seconds between 101 and 200
    ringing = False
    message_status = 200     # 202 for UCMA-like peers and lax SIMPLE servers
    message_delay = 0.0
    record_routes = 1        # 2: two front ends in the path (lync)
    piggyback = False        # first presence document in the 200 to SUBSCRIBE
    max_expires = 0          # cuts the Expires of the gateway's SUBSCRIBE when set
    first_notify: Optional[str] = ""   # Subscription-State of the NOTIFY behind a 200; empty: active; None: no NOTIFY

    def fail(self, method: str, what: Union[int, str], times: int = 1, user: str = "",
             in_dialog_only: bool = False, **headers: str) -> Failure:
        """stub.fail("INVITE", 486); stub.fail("MESSAGE", 503, Retry_After="30"); stub.fail("SUBSCRIBE", "silence")"""
        lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
        failure = Failure(method, what, times, user, in_dialog_only, lines)
        self.failures.append(failure)
        return failure

    def release(self, status: int) -> None:
        """Answers the oldest request that was held."""
        connection, request = self.held.pop(0)
        self.answer(connection, request, status)

    # ---- The way in ----

    def on_request(self, connection: Connection, request: Message) -> None:
        dialog = next((d for d in self.dialogs if d.matches(request)), None)
        if dialog is not None:
            self.violations += [f"{request.method} {request.call_id}: {w}" for w in dialog.check(request)]
        if request.method == "ACK":
            self._on_ack(request, dialog)
            return
        if self._scripted(connection, request, dialog):
            return
        handler = getattr(self, "_on_" + request.method.lower(), None)
        if in_dialog(request) and (dialog is None or dialog.dead or dialog.ended):
            self.answer(connection, request, 481)
        elif handler is None:
            self.answer(connection, request, 405, headers=[("Allow", ALLOW)])
        else:
            handler(connection, request, dialog)

    def _scripted(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> bool:
        for failure in self.failures:
            if (failure.times <= 0 or failure.method != request.method
                    or (failure.user and failure.user != address_of(request.get("To")))
                    or (failure.only_in_dialog and not in_dialog(request))):
                continue
            failure.times -= 1
            if isinstance(failure.what, int):
                if failure.what == 481 and dialog is not None:
                    dialog.dead = True
                self.answer(connection, request, failure.what, headers=failure.headers)
            elif failure.what == "hold":
                self.held.append((connection, request))
            elif failure.what in ("close", "abort"):
                connection.close(failure.what == "abort")
            return True
        return False

    def answer(self, connection: Connection, request: Message, status: int, body: bytes = b"",
               content_type: str = "", headers: Optional[list[tuple[str, str]]] = None, to_tag: str = "") -> Message:
        answer = response(request, status, to_tag=to_tag or token(5))
        for name, value in headers or []:
            answer.add(name, value)
        if status >= 300:
            for name, value in self.dialect.error_headers(status):
                answer.add(name, value)
            if request.method == "INVITE":
                self._expect_ack(request)
        self.dialect.dress_response(answer, request)
        if body:
            answer.add("Content-Type", content_type)
            answer.body = body
        self.send(connection, answer)
        return answer

    def _user(self, request: Message) -> Optional[User]:
        return self.users.get(address_of(request.uri))

    # ---- Sessions ----

    def _on_invite(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        if dialog is not None:
            self.answer(connection, request, 200, request.body, "application/sdp",
                        [("Contact", dialog.contact)])
            return
        if self._user(request) is None:
            self.answer(connection, request, 404)
        elif b"m=message" not in request.body and b"m=x-ms-message" not in request.body:
            self.violations.append("INVITE of the gateway without m=message")
            self.answer(connection, request, 488)
        else:
            self.spawn(self._accept(connection, request))

    async def _accept(self, connection: Connection, request: Message) -> None:
        dialog = self._dialog_of(request, "invite")
        self._routes_into(request, dialog)
        self.answer(connection, request, 100)
        if self.dialect.name == "lync":
            self.answer(connection, request, 101, to_tag=dialog.local_tag)
        if self.ringing:
            self.answer(connection, request, 180, to_tag=dialog.local_tag)
        await asyncio.sleep(self.invite_delay)
        if dialog.ended:
            return
        user = address_of(request.uri)
        body = documents.sdp(self.names.address, f"sip:{user}")
        answer = response(request, 200)
        self._finish(connection, request, answer, dialog, body, "application/sdp")
        self._expect_ack(request, dialog)

    def _dialog_of(self, request: Message, kind: str) -> Dialog:
        """A dialog that the gateway has begun."""
        user = address_of(request.uri)
        local = request.get("To") + f";tag={token(5)}" + self.dialect.party_params(user)
        dialog = Dialog(request.call_id, local, request.get("From"), uri_of(request.get("Contact")),
                        self.dialect.contact(user), kind, user, address_of(request.get("From")),
                        remote_cseq=request.cseq[0], request=request,
                        route=split_routes(request.all("Record-Route")))
        self.dialogs.append(dialog)
        return dialog

    def _routes_into(self, request: Message, dialog: Dialog) -> None:
        """Our Record-Route; the gateway as the caller turns its order round (RFC 3261 s12.1.2)."""
        lines = []
        for _ in range(self.record_routes):
            lines += self.dialect.record_route()
        dialog.own_route = lines
        dialog.expected_route = list(reversed(split_routes(lines)))

    def _finish(self, connection: Connection, request: Message, answer: Message, dialog: Dialog, body: bytes,
                content_type: str) -> None:
        answer.headers = [(n, dialog.local if n == "To" else v) for n, v in answer.headers]
        for line in dialog.own_route:
            answer.add("Record-Route", line)
        answer.add("Contact", dialog.contact)
        self.dialect.dress_response(answer, request)
        if body:
            answer.add("Content-Type", content_type)
            answer.body = body
        dialog.established = True
        self.send(connection, answer)

    def _expect_ack(self, request: Message, dialog: Optional[Dialog] = None) -> None:
        key = (request.call_id, request.cseq[0])
        self.waiting_acks.add(key)
        self.spawn(self._ack_in_time(key))

    async def _ack_in_time(self, key: tuple[str, int]) -> None:
        await asyncio.sleep(4)
        if key in self.waiting_acks:
            self.waiting_acks.discard(key)
            self.violations.append(f"no ACK within 4 s for the INVITE of {key[0]}")

    def _on_ack(self, request: Message, dialog: Optional[Dialog]) -> None:
        key = (request.call_id, request.cseq[0])
        if key not in self.waiting_acks:
            self.violations.append(f"an ACK that nothing waits for: {request.call_id}")
        self.waiting_acks.discard(key)

    def _on_cancel(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        self.answer(connection, request, 200)
        for open_dialog in self.dialogs:
            if open_dialog.call_id == request.call_id and not open_dialog.established:
                open_dialog.ended = True
                self.answer(connection, open_dialog.request, 487, to_tag=open_dialog.local_tag)

    def _on_bye(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        if dialog is not None:
            dialog.ended = True
        self.answer(connection, request, 200 if dialog else 481)

    def _on_info(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        self.answer(connection, request, 200 if dialog else 481)

    _on_update = _on_info

    def _on_message(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        if dialog is None and self.dialect.session_mode:
            self.violations.append("page-mode MESSAGE toward a Lync hop")
            self.answer(connection, request, 405, headers=[("Allow", ALLOW)])
        elif dialog is None and self._user(request) is None:
            self.answer(connection, request, 404)
        elif not request.get("Content-Type").lower().startswith("text/plain"):
            self.answer(connection, request, 415, headers=[("Accept", "text/plain")])
        else:
            self.spawn(self._take_message(connection, request, dialog))

    async def _take_message(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        key = dialog.call_id if dialog else address_of(request.get("From")) + ">" + address_of(request.uri)
        if dialog and (request.call_id, dialog.request.cseq[0]) in self.waiting_acks:
            self.violations.append("MESSAGE in a session before its ACK")
        if key in self.busy:
            self.violations.append(f"a second MESSAGE while one is outstanding: {key}")
        self.busy.add(key)
        try:
            await asyncio.sleep(self.message_delay)
            self.answer(connection, request, self.message_status)
        finally:
            self.busy.discard(key)

    # ---- Presence: the gateway watches one of our users ----

    def _on_subscribe(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        asked = request.get("Expires")
        granted = int(asked) if asked.isdigit() else self.dialect.expires
        if self.max_expires:
            granted = min(granted, self.max_expires)
        if request.get("Event").split(";")[0].strip() != "presence":
            self.answer(connection, request, 489, headers=[("Allow-Events", "presence")])
            return
        wrong = self._wrong_format(request)
        if wrong:
            self.violations.append(wrong)
        if dialog is None:
            if self._user(request) is None:
                self.answer(connection, request, 404)
                return
            dialog = self._dialog_of(request, "subscribe")
            self._routes_into(request, dialog)
        answer = response(request, 200)
        answer.add("Expires", str(granted))
        document: tuple[str, bytes] = ("", b"")
        if self.piggyback:
            document = self.presence_of(dialog)
            answer.add("Event", "presence")
        self._finish(connection, request, answer, dialog, document[1], document[0])
        dialog.expires = granted
        if granted == 0:
            self.spawn(self.notify(dialog, "terminated;reason=timeout"))
        elif self.first_notify is not None:
            self.spawn(self.notify(dialog, self.first_notify))

    @staticmethod
    def _wrong_format(request: Message) -> str:
        """What a SUBSCRIBE of the gateway must say about formats (P-179, lync.md 4.8 a)."""
        accept = ",".join(request.all("Accept"))
        if "application/pidf+xml" not in accept:
            return f"SUBSCRIBE with Accept {accept!r}"
        if documents.CATEGORIES not in accept:
            return f"SUBSCRIBE for PIDF with {request.get('Require')!r} and a body" if request.has("Require") or request.body else ""
        wanted = documents.batch_sub(address_of(request.get("From")), address_of(request.get("To")), ("state", "note", "contactCard"))
        if (request.get("Require") != "adhoclist, categoryList" or "eventlist" not in request.all("Supported")
                or request.get("Content-Type") != "application/msrtc-adrl-categorylist+xml"
                or documents.asked_for(request.body) != documents.asked_for(wanted)):
            return f"SUBSCRIBE for categories: {request.text}"
        return ""

    def presence_of(self, dialog: Dialog) -> tuple[str, bytes]:
        known = self.users.get(dialog.user, User())
        return self.dialect.presence(dialog.user, known.state, known.note, dialog.request.get("Accept"))

    # ---- Presence: one of our users watches an XMPP user ----

    def _on_notify(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        if dialog is None or dialog.kind != "watch":
            self.answer(connection, request, 481)
            return
        try:
            seen = documents.read_presence(request.get("Content-Type"), request.body)
        except ValueError as error:
            self.violations.append(f"NOTIFY: {error}")
            self.answer(connection, request, 400)
            return
        state = request.get("Subscription-State")
        seen["state"] = state
        seen["user"], seen["peer"] = dialog.user, dialog.peer
        self.seen_presence.append(seen)
        if state.lower().startswith("terminated"):
            dialog.ended = True
        elif "expires=" not in state.lower():
            self.violations.append(f"Subscription-State {state!r} without expires (RFC 6665 s4.1.3)")
        self.answer(connection, request, 200)
        self._arrived.set()

    # ---- Others ----

    def _on_options(self, connection: Connection, request: Message, dialog: Optional[Dialog]) -> None:
        self.answer(connection, request, 200, headers=[("Allow", ALLOW), ("Accept", "application/sdp, text/plain")])
