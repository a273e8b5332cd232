# SPDX-License-Identifier: MIT
"""Scripted XMPP users on slixmpp 1.8: connect, subscribe, speak, and wait with a time limit for what the others do."""
from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from typing import Callable, Optional
from xml.etree import ElementTree

logging.getLogger("slixmpp").setLevel(logging.ERROR)  # before the import: it complains about its stringprep

from slixmpp import ClientXMPP  # noqa: E402
from slixmpp.xmlstream.stanzabase import StanzaBase  # noqa: E402

from .waiting import NotSeen  # noqa: E402

# Errors come as their own events, not as `message` or `presence`; hearing both double would count some twice.
STANZAS = ("message", "presence")
ERRORS_NS = "urn:ietf:params:xml:ns:xmpp-stanzas"
CLIENT_NS = "jabber:client"

Hook = Callable[[str, "Seen"], None]


@dataclass
class Seen:
    """A stanza that came (or went), flat."""

    kind: str            # "message", "presence", "iq"
    type: str            # type attribute; "" for none
    sender: str
    to: str
    id: str = ""
    body: str = ""
    show: str = ""
    status: str = ""
    condition: str = ""  # of an error
    error_type: str = ""
    error_text: str = ""
    xml: Optional[ElementTree.Element] = None

    @property
    def bare(self) -> str:
        return self.sender.partition("/")[0]


def read(xml: ElementTree.Element) -> Seen:
    kind = xml.tag.rpartition("}")[2]
    ns = "{" + CLIENT_NS + "}"
    seen = Seen(kind, xml.get("type", ""), xml.get("from", ""), xml.get("to", ""), xml.get("id", ""),
                xml.findtext(ns + "body") or "", xml.findtext(ns + "show") or "", xml.findtext(ns + "status") or "",
                xml=xml)
    error = xml.find(ns + "error")
    if error is not None:
        seen.error_type = error.get("type", "")
        for child in error:
            if child.tag == "{" + ERRORS_NS + "}text":
                seen.error_text = child.text or ""
            elif child.tag.startswith("{" + ERRORS_NS + "}"):
                seen.condition = child.tag.rpartition("}")[2]
    return seen


class XmppUser:
    """
    await XmppUser.login("bob@partner.example", "secret", ("127.0.0.3", 5222), ca="ca.pem"). `hook` is called with "<" or ">"
    and every message and presence. Each wait uses its stanza up; `inbox` holds what nothing has waited for yet.
    """

    def __init__(self, jid: str, password: str, address: tuple[str, int], ca: str = "", resource: str = "",
                 hook: Optional[Hook] = None) -> None:
        self.jid, self.password, self.address, self.hook = jid, password, address, hook
        self.inbox: list[Seen] = []
        self._arrived = asyncio.Event()
        self._over: Optional[str] = None
        self.client = ClientXMPP(f"{jid}/{resource}" if resource else jid, password)
        client = self.client
        client.auto_authorize = client.auto_subscribe = None   # the script decides
        client.register_plugin("xep_0030")
        client.register_plugin("xep_0199")
        if ca:
            client.ca_certs = ca
        else:
            client.ssl_context.check_hostname = False
            client.ssl_context.verify_mode = ssl.CERT_NONE
        self._started: asyncio.Future = asyncio.get_running_loop().create_future()
        client.add_event_handler("session_start", lambda _: self._settle(None))
        client.add_event_handler("failed_auth", lambda _: self._settle("the password was refused"))
        client.add_event_handler("connection_failed", lambda why: self._settle(f"no connection: {why}"))
        client.add_event_handler("disconnected", lambda why: self._ended(str(why)))
        client.add_filter("in", self._incoming)
        client.add_filter("out", self._outgoing)

    @classmethod
    async def login(cls, jid: str, password: str, address: tuple[str, int], ca: str = "", resource: str = "",
                    hook: Optional[Hook] = None, presence: bool = True, timeout: float = 15) -> "XmppUser":
        user = cls(jid, password, address, ca, resource, hook)
        user.client.connect(address=address)
        try:
            await asyncio.wait_for(asyncio.shield(user._started), timeout)
        except asyncio.TimeoutError:
            user.client.abort()
            raise NotSeen(f"{jid} could not log in within {timeout:g} s") from None
        await user.client.get_roster(timeout=timeout)
        if presence:
            user.presence()
            # The server reflects it (RFC 6121 s4.2.2); before that, messages to the bare JID are refused.
            await user.wait("its own presence", lambda s: s.kind == "presence" and s.sender == str(user.client.boundjid),
                            timeout)
        return user

    def _settle(self, problem: Optional[str]) -> None:
        if self._started.done():
            return
        if problem:
            self._started.set_exception(ConnectionError(f"{self.jid}: {problem}"))
        else:
            self._started.set_result(None)

    def _ended(self, why: str) -> None:
        self._over = why
        self._settle("disconnected: " + why)
        self._arrived.set()

    # ---- Stanzas ----

    def _incoming(self, stanza: StanzaBase) -> StanzaBase:
        if stanza is not None and stanza.name in STANZAS:
            seen = read(stanza.xml)
            self.inbox.append(seen)
            if self.hook:
                self.hook("<", seen)
            self._arrived.set()
        return stanza

    def _outgoing(self, stanza: StanzaBase) -> StanzaBase:
        if self.hook and stanza is not None and stanza.name in STANZAS:
            seen = read(stanza.xml)
            seen.sender = seen.sender or self.jid
            self.hook(">", seen)
        return stanza

    def send(self, to: str, body: str, kind: str = "chat", thread: str = "") -> str:
        """A message; gives its id."""
        message = self.client.make_message(mto=to, mbody=body, mtype=kind)
        message["id"] = self.client.new_id()
        if thread:
            message["thread"] = thread
        message.send()
        return message["id"]

    def presence(self, show: str = "", status: str = "", to: str = "", kind: str = "", priority: int = 0) -> None:
        self.client.send_presence(pshow=show or None, pstatus=status or None, pto=to or None, ptype=kind or None,
                                  ppriority=priority or None)

    def subscribe(self, to: str) -> None:
        self.presence(to=to, kind="subscribe")

    def approve(self, to: str) -> None:
        self.presence(to=to, kind="subscribed")

    def unsubscribe(self, to: str) -> None:
        self.presence(to=to, kind="unsubscribe")

    def refuse(self, to: str) -> None:
        self.presence(to=to, kind="unsubscribed")

    def raw(self, xml: str) -> None:
        self.client.send_raw(xml)

    async def roster(self, timeout: float = 10) -> dict[str, str]:
        """bare JID -> subscription, as the server has it now."""
        # Not get_roster(): with roster versions the server answers that nothing is new.
        answer = await self.client.make_iq_get(queryxmlns="jabber:iq:roster").send(timeout=timeout)
        return {item.get("jid"): item.get("subscription") for item in answer.xml.iter("{jabber:iq:roster}item")}

    async def forget(self, jid: str) -> None:
        """Removes a contact from the roster."""
        await self.client.del_roster_item(jid)

    # ---- Waiting ----

    async def wait(self, what: str, check: Callable[[Seen], bool], timeout: float = 10) -> Seen:
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            self._arrived.clear()
            for seen in self.inbox:
                if check(seen):
                    self.inbox.remove(seen)
                    return seen
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or self._over:
                why = f"the stream ended: {self._over}" if self._over else f"within {timeout:g} s"
                had = [(s.kind, s.type, s.sender, s.show, s.condition) for s in self.inbox]
                raise NotSeen(f"{self.jid} did not get {what} {why}; unread: {had}")
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except asyncio.TimeoutError:
                pass

    async def wait_message(self, sender: str = "", body: Optional[str] = None, timeout: float = 10) -> Seen:
        return await self.wait(
            f"a message from {sender or 'anybody'}" + (f" saying {body!r}" if body is not None else ""),
            lambda s: (s.kind == "message" and s.type != "error" and (not sender or s.bare == sender)
                       and (s.body == body if body is not None else s.body != "")), timeout)

    async def wait_presence(self, sender: str, kind: str = "", show: Optional[str] = None, timeout: float = 10) -> Seen:
        """`kind` is the type attribute: "" for available, "unavailable", "subscribe", "subscribed" ..."""
        return await self.wait(
            f"presence {kind or 'available'}" + (f" with show {show!r}" if show is not None else "") + f" of {sender}",
            lambda s: (s.kind == "presence" and s.type == kind and s.bare == sender
                       and (show is None or s.show == show)), timeout)

    async def wait_error(self, kind: str = "message", condition: str = "", sender: str = "", id: str = "",
                         timeout: float = 10) -> Seen:
        return await self.wait(
            f"an error ({condition or 'any condition'}) for a {kind}",
            lambda s: (s.kind == kind and s.type == "error" and (not condition or s.condition == condition)
                       and (not sender or s.bare == sender) and (not id or s.id == id)), timeout)

    async def quiet(self, check: Callable[[Seen], bool], seconds: float = 1) -> bool:
        """True when nothing that `check` likes came within that time."""
        try:
            await self.wait("nothing", check, seconds)
        except NotSeen:
            return True
        return False

    async def logout(self) -> None:
        if not self._over:
            self.client.disconnect(wait=1.0)
            try:
                await asyncio.wait_for(self.client.disconnected, 5)
            except asyncio.TimeoutError:
                self.client.abort()
        # slixmpp leaves this one behind, and the loop would complain of it.
        filters = getattr(self.client, "_run_out_filters", None)
        if filters is not None:
            filters.cancel()
