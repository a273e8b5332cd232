# SPDX-License-Identifier: MIT
"""The bodies that the stub sends and reads: SDP of IM sessions, presence documents, the batched subscription."""
from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone

SDP_ACCEPT = ("text/plain multipart/alternative image/gif text/rtf text/html application/x-ms-ink "
              "application/ms-imdn+xml text/x-msmsgsinvite")


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def sdp(address: str, media: str, accept: str = SDP_ACCEPT) -> bytes:
    """`media` is the fourth field of the m= line: null in an offer, the user's URI in an answer."""
    return (f"v=0\r\no=- 0 0 IN IP4 {address}\r\ns=session\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            f"m=message 5060 sip {media}\r\na=accept-types:{accept}\r\n").encode()


def sdp_audio(address: str) -> bytes:
    return (f"v=0\r\no=- 0 0 IN IP4 {address}\r\ns=session\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            "m=audio 50010 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n").encode()


# Microsoft's words for the activity of a PIDF tuple; RFC 4480 has elements instead.
OPEN_STATES = ("available", "away", "busy", "idle", "on-the-phone", "do-not-disturb", "be-right-back",
               "out-to-lunch")
RPID_ELEMENTS = {"away": "away", "busy": "busy", "on-the-phone": "on-the-phone", "out-to-lunch": "meal",
                 "be-right-back": "away", "idle": "away", "do-not-disturb": "busy"}


def pidf_microsoft(uri: str, state: str, name: str) -> bytes:
    """lync.md 4.8 (d): one tuple, activities in the older status namespace as words."""
    basic = "closed" if state == "offline" else "open"
    return (f'<?xml version="1.0"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            f'xmlns:ep="urn:ietf:params:xml:ns:pidf:status:rpid-status" '
            f'xmlns:ci="urn:ietf:params:xml:ns:pidf:cipid" entity="{escape(uri)}">'
            f'<tuple id="0"><status><basic>{basic}</basic><ep:activities><ep:activity>{state}</ep:activity>'
            f'</ep:activities></status></tuple><ci:display-name>{escape(name)}</ci:display-name>'
            f'</presence>').encode()


def pidf_standard(uri: str, state: str, note: str = "") -> bytes:
    """RFC 3863 with the person of RFC 4479 and the activities of RFC 4480."""
    basic = "closed" if state == "offline" else "open"
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    element = RPID_ELEMENTS.get(state)
    person = ""
    if element:
        person = (f'<dm:person id="p1"><rpid:activities><rpid:{element}/></rpid:activities></dm:person>')
    text = f"<note>{escape(note)}</note>" if note else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            f'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" '
            f'entity="{escape(uri)}"><tuple id="t1"><status><basic>{basic}</basic></status>'
            f'<contact priority="0.8">{escape(uri)}</contact>{text}<timestamp>{now}</timestamp></tuple>'
            f'{person}</presence>').encode()


def batch_sub(watcher: str, presentity: str) -> bytes:
    """lync.md 7.5: what a Lync client sends to watch one contact of a foreign domain."""
    names = "".join(f'<category name="{n}"/>' for n in
                    ("calendarData", "contactCard", "note", "services", "state"))
    return (f'<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:{escape(watcher)}" '
            f'name=""><action name="subscribe" id="1000001"><adhocList><resource uri="sip:{escape(presentity)}">'
            f'<context/></resource></adhocList><categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/'
            f'categorylist">{names}</categoryList></action></batchSub>').encode()


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def read_presence(content_type: str, body: bytes) -> dict[str, object]:
    """
    What a NOTIFY of the gateway says: {"open": bool, "activities": [...], "notes": [...], "entity": str}.
    Raises ValueError on a type that is not PIDF and on XML that is not well-formed.
    """
    if not body:
        return {"open": None, "activities": [], "notes": [], "entity": ""}
    if content_type.split(";")[0].strip().lower() != "application/pidf+xml":
        raise ValueError(f"a presence document of type {content_type!r}")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(f"presence document not well-formed: {error}") from error
    if _local(root) != "presence" or "urn:ietf:params:xml:ns:pidf" not in root.tag:
        raise ValueError(f"root {root.tag}")
    activities, notes, basics = [], [], []
    for element in root.iter():
        name = _local(element)
        if name == "basic":
            basics.append((element.text or "").strip())
        elif name == "note":
            notes.append(element.text or "")
        elif name == "activity":
            activities.append((element.text or "").strip())
        elif name == "activities":
            activities += [_local(child) for child in element if _local(child) != "activity"]
    return {"open": "open" in basics, "activities": activities, "notes": notes,
            "entity": root.get("entity", "")}
