# SPDX-License-Identifier: MIT
"""Chat states, receipts and markers as slixmpp's own plug-ins write and read them (XEP-0085, XEP-0184, XEP-0333)."""
from __future__ import annotations

from typing import Optional

from slixmpp import Message as SlixmppMessage

from peers.xmppuser import Seen, XmppUser

CHAT_STATES = "{http://jabber.org/protocol/chatstates}"
RECEIPTS = "{urn:xmpp:receipts}"
MARKERS = "{urn:xmpp:chat-markers:0}"


async def features(user: XmppUser, jid: str) -> set[str]:
    """What that client says it takes (XEP-0030)."""
    info = await user.client["xep_0030"].get_info(jid=jid, timeout=10)
    return set(info["disco_info"]["features"])


def speaks_states(user: XmppUser) -> None:
    user.client.register_plugin("xep_0085")
    user.client.register_plugin("xep_0184", {"auto_ack": False, "auto_request": False})
    user.client.register_plugin("xep_0333")


def say(user: XmppUser, to: str, body: str, request: bool = False, markable: bool = False) -> str:
    """A message with the state that goes with it, and its id."""
    message = user.client.make_message(mto=to, mtype="chat", mbody=body)
    message["chat_state"] = "active"
    message["id"] = user.client.new_id()
    if request:
        message["request_receipt"] = True
    if markable:
        message["markable"] = True
    message.send()
    return message["id"]


def state(user: XmppUser, to: str, word: str) -> None:
    """One that stands alone."""
    message = user.client.make_message(mto=to, mtype="chat")
    message["chat_state"] = word
    message.send()


def acknowledge(user: XmppUser, seen: Seen) -> None:
    user.client["xep_0184"].ack(SlixmppMessage(user.client, xml=seen.xml))


def displayed(user: XmppUser, to: str, ident: str) -> None:
    message = user.client.make_message(mto=to, mtype="chat")
    message["displayed"]["id"] = ident
    message.send()


def state_of(seen: Seen) -> Optional[str]:
    """The one chat state in it (M-77)."""
    states = [child.tag[len(CHAT_STATES):] for child in seen.xml if child.tag.startswith(CHAT_STATES)]
    assert len(states) <= 1, states
    return states[0] if states else None


async def shown(user: XmppUser, sender: str, word: str, timeout: float = 10) -> Seen:
    """The next state of that contact, which stands alone: type chat, nothing to store, nothing else in it but the thread."""
    seen = await user.wait(f"{word} of {sender}", lambda s: s.kind == "message" and s.bare == sender and not s.body and state_of(s) is not None, timeout)
    assert state_of(seen) == word, f"{state_of(seen)}, {word} expected"
    assert seen.type == "chat" and seen.xml.find("{urn:xmpp:hints}no-store") is not None
    return seen


async def acknowledged(user: XmppUser, sender: str, ident: str, what: str = RECEIPTS + "received", timeout: float = 10) -> None:
    seen = await user.wait(f"{what} for {ident}", lambda s: s.kind == "message" and s.bare == sender and s.xml.find(what) is not None, timeout)
    assert seen.xml.find(what).get("id") == ident, seen.xml.find(what).get("id")
    assert seen.xml.find(RECEIPTS + "request") is None and not seen.body   # V-70
