# SPDX-License-Identifier: MIT
"""What several presence scenarios say."""
from __future__ import annotations

import re
from typing import Optional
from xml.etree import ElementTree

from peers import documents
from peers.answers import User
from peers.calls import Refused
from peers.sipdialog import Dialog
from peers.sipmsg import Message
from peers.xmppuser import Seen, XmppUser

PIDF = "application/pidf+xml"
NS = {"p": "urn:ietf:params:xml:ns:pidf", "ep": "urn:ietf:params:xml:ns:pidf:status:rpid-status",
      "dm": "urn:ietf:params:xml:ns:pidf:data-model", "rpid": "urn:ietf:params:xml:ns:pidf:rpid", "c": "jabber:client"}

# ---- What an XMPP user is shown ----


async def shown(user: XmppUser, contact: str, kind: str = "", resource: Optional[str] = None, show: str = "",
                status: str = "", priority: str = "", timeout: float = 10) -> Seen:
    """The next presence stanza of that contact, whatever it is, is exactly this one. `resource` None: from the bare JID."""
    seen = await user.wait(f"any presence of {contact}", lambda s: s.kind == "presence" and s.bare == contact, timeout)
    sender = contact if resource is None else f"{contact}/{resource}"
    had = (seen.type, seen.sender, seen.show, seen.status, seen.xml.findtext("c:priority", "", NS))
    assert had == (kind, sender, show, status, priority), f"{had}, {(kind, sender, show, status, priority)} expected"
    assert seen.to == user.jid, f"to {seen.to}: subscription presence goes to the bare JID (P-134)"
    return seen


async def nothing_shown(user: XmppUser, *contacts: str, seconds: float = 0.5) -> None:
    """No presence stanza of these contacts is unread, and none comes within that time."""
    def theirs(seen: Seen) -> bool:
        return seen.kind == "presence" and seen.bare in contacts
    assert await user.quiet(theirs, seconds), f"unexpected presence for {user.jid}"


# ---- The gateway's subscription to a SIP user ----


def add_user(stub, lab, name: str, state: str = "available") -> str:
    user = f"{name}@{lab.domain}"
    stub.users[user] = User(name.capitalize(), state)
    return user


def resource_of(lab) -> str:
    """What the stub's contacts are called: a front end's one tuple has a name of ours, others keep theirs (P-133)."""
    return "lync" if lab.dialect == "lync" else "t1"


async def follow(lab, stub, user: XmppUser, contact: str) -> Dialog:
    """`user` subscribes to the SIP user `contact`, who is available; gives the dialog."""
    user.subscribe(contact)
    request = await stub.wait_request("SUBSCRIBE", user=contact, peer=user.jid)
    await shown(user, contact, "subscribed")
    await shown_available(lab, user, contact)
    return dialog_of(stub, request)


async def shown_available(lab, user: XmppUser, contact: str, timeout: float = 10) -> None:
    await shown(user, contact, "", resource_of(lab), priority="" if lab.dialect == "lync" else "102", timeout=timeout)


def dialog_of(stub, request: Message) -> Dialog:
    return next(d for d in stub.dialogs if d.kind == "subscribe" and d.request is request)


class Heard:
    """Every answer of the gateway: give `hook` to the stub."""

    def __init__(self) -> None:
        self.answers: list[Message] = []

    def hook(self, direction: str, message: Message) -> None:
        if direction == "<" and not message.is_request:
            self.answers.append(message)

    def statuses(self, dialog: Dialog, method: str = "NOTIFY") -> list[int]:
        return [m.status for m in self.answers if m.call_id == dialog.call_id and m.cseq[1] == method]


# ---- The SIP users' subscriptions to an XMPP user ----


def document(request: Message) -> list[tuple]:
    """
    A NOTIFY's document: one (id, basic, show, contact priority, note, activity) a tuple; the activity is the tuple's own (Microsoft) or the
    person's. Of categories there is one, and the word for its number.
    """
    assert request.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>"), "an XML declaration (P-127)"
    root = ElementTree.fromstring(request.body)
    sender = request.get("From").partition("<")[2].partition(">")[0]
    if request.get("Content-Type") == documents.CATEGORIES:
        had = documents.read_categories(root)
        assert had["entity"] == sender and list(had["parts"])[-2:] == ["state", "note"], had
        return [("0", "open" if had["open"] else "closed", None, None, (had["notes"] or [None])[0], had["activities"][0])]
    assert request.get("Content-Type") == PIDF, request.get("Content-Type")
    assert root.tag == "{%s}presence" % NS["p"] and root.get("entity") == sender
    person = [re.sub("{.*}", "", child.tag) for child in root.iterfind("dm:person/rpid:activities/*", NS)]
    found = []
    for entry in root.findall("p:tuple", NS):
        contact = entry.find("p:contact", NS)
        own = [child.text for child in entry.iterfind("p:status/ep:activities/ep:activity", NS)]
        found.append((entry.get("id"), entry.findtext("p:status/p:basic", None, NS),
                      entry.findtext("p:status/c:show", None, NS), None if contact is None else contact.get("priority"),
                      entry.findtext("p:note", None, NS), (own or person or [None])[0]))
    assert found, "never without a tuple (P-123)"
    return found


def microsoft(basic: str, activity: str, note: Optional[str] = None) -> list[tuple]:
    return [("0", basic, None, None, note, activity)]


def offline(lab) -> list[tuple]:
    return microsoft("closed", "offline") if lab.dialect == "lync" else [("ID-", "closed", None, None, None, None)]


async def notified(stub, watch: Dialog, state: str, timeout: float = 10) -> Message:
    """The next NOTIFY in that dialog, with exactly this Subscription-State; N stands for a number of seconds."""
    request = await stub.wait_request("NOTIFY", timeout=timeout, check=lambda r: r.call_id == watch.call_id)
    had = re.sub(r"expires=\d+", "expires=N", request.get("Subscription-State"))
    assert had == state, f"{had}, {state} expected"
    assert request.get("Event") == "presence"
    return request


def no_notify(stub, watch: Dialog) -> None:
    """No NOTIFY in that dialog is left over."""
    rest = [r.get("Subscription-State") for r in stub.unexpected("NOTIFY") if r.call_id == watch.call_id]
    assert not rest, f"unexpected NOTIFYs: {rest}"


async def answer_of(work) -> Message:
    try:
        return (await work).answer
    except Refused as refusal:
        return refusal.answer
