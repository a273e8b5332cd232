# SPDX-License-Identifier: MIT
"""How requests and responses of the stub are dressed: like Lync Server 2013 (lync.md 4.2 to 4.4), or plainly by the RFCs."""
from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass

from . import documents
from .sipmsg import Message, address_of, token


@dataclass
class Names:
    """What the stub calls itself, and where it can be reached."""

    domain: str = "contoso.example"
    pool: str = "pool01.contoso.example"
    server: str = "fe01.contoso.example"
    transport: str = "tls"
    address: str = "127.0.0.11"
    port: int = 5061


class Simple:
    """RFC 3261, 3428, 3856 and nothing else."""

    name = "simple"
    accept = "application/pidf+xml"   # of our users' subscriptions
    expires = 3600
    session_mode = False

    def __init__(self, names: Names) -> None:
        self.names = names

    def party(self, user: str, name: str = "") -> str:
        """From or To of one of our users, without tag."""
        return f'"{name}" <sip:{user}>' if name else f"<sip:{user}>"

    def party_params(self, user: str) -> str:
        return ""

    def contact(self, user: str) -> str:
        n = self.names
        return f"<sip:{user.partition('@')[0]}@{n.address}:{n.port};transport={n.transport}>"

    def via(self) -> list[str]:
        n = self.names
        return [f"SIP/2.0/{n.transport.upper()} {n.address}:{n.port};branch=z9hG4bK{token()}"]

    def record_route(self) -> list[str]:
        return []

    def dress_request(self, request: Message, user: str, peer: str, first: str = "") -> None:
        if request.method in ("INVITE", "SUBSCRIBE", "OPTIONS"):
            request.add("Allow", "INVITE, ACK, BYE, CANCEL, MESSAGE, SUBSCRIBE, NOTIFY, OPTIONS")
        request.add("User-Agent", "frontend-stub")

    def dress_response(self, answer: Message, request: Message) -> None:
        answer.add("Server", "frontend-stub")

    def error_headers(self, status: int) -> list[tuple[str, str]]:
        return []

    def presence(self, user: str, state: str, note: str = "", accept: str = "") -> tuple[str, bytes]:
        """A document in a format that the subscriber accepts."""
        return "application/pidf+xml", documents.pidf_standard(f"sip:{user}", state, note)

    def watch(self, request: Message, user: str, peer: str, expires: int) -> None:
        request.add("Event", "presence").add("Accept", self.accept).add("Expires", str(expires))


class Lync(Simple):
    """The shapes of real traces; the words that only Microsoft uses are here and nowhere else."""

    name = "lync"
    accept = ("application/msrtc-event-categories+xml, text/xml+msrtc.pidf, application/xpidf+xml, application/pidf+xml, "
              "application/rlmi+xml, multipart/related")
    expires = 28800
    session_mode = True
    SUPPORTED = ("ms-dialog-route-set-update", "ms-embedded-first-message", "ms-delayed-accept", "timer",
                 "histinfo", "ms-safe-transfer", "ms-sender", "com.microsoft.rtc-multiparty")

    def party(self, user: str, name: str = "") -> str:
        return f'"{name}"<sip:{user}>' if name else f"<sip:{user}>"

    def party_params(self, user: str) -> str:
        return f";epid={hashlib.sha256(user.encode()).hexdigest()[:10]}"

    def contact(self, user: str) -> str:
        opaque = base64.urlsafe_b64encode(hashlib.sha256(user.encode()).digest()[:16]).decode().rstrip("=")
        return f"<sip:{user};opaque=user:epid:{opaque}AA;gruu>"

    def via(self) -> list[str]:
        n = self.names
        first = (f"SIP/2.0/{n.transport.upper()} {n.address}:{n.port};branch=z9hG4bK{token(4).upper()}."
                 f'{token(8).upper()};branched=FALSE;ms-internal-info="{token(12)}"')
        second = f"SIP/2.0/{n.transport.upper()} 10.0.5.57:40111;ms-received-port=40111;ms-received-cid=1A2B00"
        return [first, second]

    def record_route(self) -> list[str]:
        n = self.names
        signature = base64.urlsafe_b64encode(os.urandom(24)).decode().rstrip("=")
        return [f"<sip:{n.pool}:{n.port};transport={n.transport};ms-fe={n.server};opaque=state:T:F:Ci.R{token(3)}"
                f";lr;ms-route-sig={signature}>;ms-rrsig={signature[:16]};tag={token(16).upper()}"]

    def dress_request(self, request: Message, user: str, peer: str, first: str = "") -> None:
        method = request.method
        client = method in ("INVITE", "MESSAGE", "BYE", "INFO", "SUBSCRIBE", "ACK")
        request.add("User-Agent", "UCCAPI/15.0.4971.1000 OC/15.0.4971.1000 (Microsoft Lync)" if client
                    else "RTC/5.0")
        if method == "INVITE":
            for word in self.SUPPORTED:
                request.add("Supported", word)
            if first:
                body = base64.b64encode(first.encode()).decode()
                request.add("ms-text-format", f"text/plain; charset=UTF-8; ms-body={body}")
            request.add("Ms-Conversation-ID", base64.b64encode(os.urandom(20)).decode())
            request.add("Roster-Manager", f"sip:{user}")
            request.add("EndPoints", f"<sip:{user}>, <sip:{peer}>")
            request.add("ms-keep-alive", "UAC;hop-hop=yes")
            request.add("Allow", "INVITE, BYE, ACK, CANCEL, INFO, MESSAGE, UPDATE, REFER, NOTIFY, BENOTIFY")
            request.add("ms-subnet", "10.0.5.0")
        elif method == "MESSAGE":
            request.add("Supported", "ms-dialog-route-set-update").add("Supported", "timer")

    def dress_response(self, answer: Message, request: Message) -> None:
        if answer.status == 101:
            answer.add("ms-diagnostics", '13004;reason="Request was proxied to one or more registered endpoints";'
                       f'source="{self.names.server}";Count="1";appName="InboundRouting"')
        if request.method == "INVITE" and 200 <= answer.status < 300:
            for word in ("ms-sender", "histinfo", "ms-safe-transfer", "ms-dialog-route-set-update",
                         "ms-conf-invite"):
                answer.add("Supported", word)
            answer.add("Allow", "INVITE, BYE, ACK, CANCEL, INFO, MESSAGE, UPDATE, REFER, NOTIFY, BENOTIFY")
        answer.add("Server", "RTC/5.0")

    DIAGNOSTICS = {404: (1003, "User does not exist"), 480: (13009, "No endpoints are registered"),
                   403: (1012, "From URI not authorized to communicate outside the enterprise"),
                   504: (1005, "Cannot route to destination domain"), 481: (1004, "Route set is no longer valid"),
                   503: (1007, "Temporarily cannot route"), 486: (13015, "The user is busy"),
                   488: (52001, "Not acceptable"), 603: (52085, "The user declined")}

    def error_headers(self, status: int) -> list[tuple[str, str]]:
        if status not in self.DIAGNOSTICS:
            return []
        number, reason = self.DIAGNOSTICS[status]
        return [("ms-diagnostics", f'{number};reason="{reason}";source="{self.names.server}"')]

    def presence(self, user: str, state: str, note: str = "", accept: str = "") -> tuple[str, bytes]:
        name, uri = user.partition("@")[0].capitalize(), f"sip:{user}"
        if documents.CATEGORIES in accept:   # its own order, whatever the subscriber's (lync.md 4.8 a)
            return documents.CATEGORIES, documents.categories(uri, documents.category_card(name), documents.category_state(state),
                                                              documents.category_note(note))
        return "application/pidf+xml", documents.pidf_microsoft(f"sip:{user}", state, name)

    def watch(self, request: Message, user: str, peer: str, expires: int) -> None:
        request.add("Event", "presence")
        request.add("Accept", self.accept)
        request.add("Supported", "ms-benotify").add("Proxy-Require", "ms-benotify")
        request.add("Supported", "ms-piggyback-first-notify")
        request.add("Require", "adhoclist, categoryList").add("Supported", "eventlist")
        request.add("Expires", str(expires))
        if expires > 0:
            request.add("Content-Type", "application/msrtc-adrl-categorylist+xml")
            request.body = documents.batch_sub(user, peer)


DIALECTS = {"lync": Lync, "simple": Simple}


def user_name(value: str) -> str:
    return address_of(value).partition("@")[0]
