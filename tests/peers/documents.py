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


CATEGORIES = "application/msrtc-event-categories+xml"
NS_SIP = "http://schemas.microsoft.com/2006/09/sip/"
# lync.md 3.3: the number that is published for a word, and where its range begins.
NUMBERS = {"available": 3500, "idle": 5000, "busy": 6500, "on-the-phone": 6500, "in-a-meeting": 6500, "do-not-disturb": 9500,
           "be-right-back": 12500, "away": 15500, "off-work": 15500, "out-of-office": 15500, "offline": 18500}
RANGES = ((18000, "offline"), (15000, "away"), (12000, "be-right-back"), (9000, "do-not-disturb"), (7500, "busy-idle"), (6000, "busy"),
          (4500, "idle"), (3000, "available"))
TOKENS = ("on-the-phone", "in-a-meeting", "off-work", "out-of-office")


def _category(name: str, instance: int, inner: str, version: int) -> str:
    return (f'<category name="{name}" instance="{instance}" publishTime="2026-01-01T10:00:{version:02d}.000" container="200" '
            f'version="{version}" expireType="static">{inner}</category>')


def categories(uri: str, *inner: str) -> bytes:
    return f'<categories xmlns="{NS_SIP}categories" uri="{escape(uri)}">{"".join(inner)}</categories>'.encode()


def category_state(state: str, idle_since: str = "", version: int = 1) -> str:
    """lync.md 4.8 (d): the aggregated state; a token stands for what the number does not say."""
    number = NUMBERS[state]
    token = f'<activity token="{state}" minAvailability="{number}" maxAvailability="{number + 1499}"/>' if state in TOKENS else ""
    active = f' lastActive="{idle_since}"' if idle_since else ""
    return _category("state", 1, f'<state xmlns="{NS_SIP}state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                     f'xsi:type="aggregateState"{active}><availability>{number}</availability>{token}</state>', version)


def category_note(note: str, kind: str = "personal", version: int = 1) -> str:
    body = f'<body type="{kind}" uri="">{escape(note)}</body>' if note else ""
    return _category("note", 0, f'<note xmlns="{NS_SIP}note">{body}</note>', version)


def category_card(name: str, version: int = 1) -> str:
    return _category("contactCard", 0, f'<contactCard xmlns="{NS_SIP}contactcard"><identity><name><displayName>{escape(name)}'
                     "</displayName></name></identity></contactCard>", version)


def rlmi(uri: str, state: str) -> bytes:
    """What a server says of a contact that it does not serve, or not any more (lync.md 4.8 a)."""
    return (f'<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="{escape(uri)}" version="0" fullState="false">'
            f'<resource uri="{escape(uri)}"><instance id="0" state="{state}"/></resource></list>').encode()


def pidf_standard(uri: str, state: str, note: str = "", idle_since: str = "") -> bytes:
    """RFC 3863 with the person of RFC 4479, and the activities and user-input of RFC 4480."""
    basic = "closed" if state == "offline" else "open"
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    element = RPID_ELEMENTS.get(state)
    inner = f"<rpid:activities><rpid:{element}/></rpid:activities>" if element else ""
    if idle_since:
        inner += f'<rpid:user-input last-input="{idle_since}">idle</rpid:user-input>'
    person = f'<dm:person id="p1">{inner}</dm:person>' if inner else ""
    text = f"<note>{escape(note)}</note>" if note else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            f'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" '
            f'entity="{escape(uri)}"><tuple id="t1"><status><basic>{basic}</basic></status>'
            f'<contact priority="0.8">{escape(uri)}</contact>{text}<timestamp>{now}</timestamp></tuple>'
            f'{person}</presence>').encode()


def batch_sub(watcher: str, presentity: str, wanted: tuple[str, ...] = ("calendarData", "contactCard", "note", "services", "state")) -> bytes:
    """lync.md 7.5: what a Lync client sends to watch one contact of a foreign domain."""
    names = "".join(f'<category name="{n}"/>' for n in wanted)
    return (f'<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="sip:{escape(watcher)}" '
            f'name=""><action name="subscribe" id="1000001"><adhocList><resource uri="sip:{escape(presentity)}">'
            f'<context/></resource></adhocList><categoryList xmlns="http://schemas.microsoft.com/2006/09/sip/'
            f'categorylist">{names}</categoryList></action></batchSub>').encode()


def asked_for(body: bytes) -> tuple[str, list[str], list[str]]:
    """Of a batched subscription: the watcher, the contacts, the categories."""
    root = ElementTree.fromstring(body)
    return (root.get("uri", ""), [e.get("uri", "") for e in root.iter() if _local(e) == "resource"],
            [e.get("name", "") for e in root.iter() if _local(e) == "category"])


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def read_presence(content_type: str, body: bytes) -> dict[str, object]:
    """
    What a NOTIFY of the gateway says: {"open": bool, "activities": [...], "notes": [...], "entity": str, "idle": str}, of categories the word for the
    number.
    Raises ValueError on a type that is neither PIDF nor categories and on XML that is not well-formed.
    """
    if not body:
        return {"open": None, "activities": [], "notes": [], "entity": "", "idle": ""}
    kind = content_type.split(";")[0].strip().lower()
    if kind not in ("application/pidf+xml", CATEGORIES):
        raise ValueError(f"a presence document of type {content_type!r}")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ValueError(f"presence document not well-formed: {error}") from error
    if kind == CATEGORIES:
        return read_categories(root)
    if _local(root) != "presence" or "urn:ietf:params:xml:ns:pidf" not in root.tag:
        raise ValueError(f"root {root.tag}")
    activities, notes, basics, idle = [], [], [], ""
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
        elif name == "user-input":
            idle = element.get("last-input", "")
    return {"open": "open" in basics, "activities": activities, "notes": notes,
            "entity": root.get("entity", ""), "idle": idle}


def read_categories(root: ElementTree.Element) -> dict[str, object]:
    """As above, and "name" (contactCard), "idle" (lastActive), "parts": {category: attributes}. Raises ValueError on what no Lync server writes."""
    if root.tag != "{%scategories}categories" % NS_SIP:
        raise ValueError(f"root {root.tag}")
    found = {"open": None, "activities": [], "notes": [], "entity": root.get("uri", ""), "name": "", "idle": "", "parts": {}}
    for part in root:
        name = part.get("name", "")
        if part.tag != "{%scategories}category" % NS_SIP or name in found["parts"]:
            raise ValueError(f"{part.tag} {name!r}")
        missing = [a for a in ("instance", "publishTime", "container", "version", "expireType") if not part.get(a)]
        if missing or not part.get("version").isdigit():
            raise ValueError(f"category {name} without {missing or 'a number'}")
        found["parts"][name] = dict(part.attrib)
        inner = part[0]
        if name == "state":
            if inner.tag != "{%sstate}state" % NS_SIP or inner.get("{http://www.w3.org/2001/XMLSchema-instance}type") != "aggregateState":
                raise ValueError(f"{inner.tag} {inner.attrib}")
            number = int(inner.findtext("{%sstate}availability" % NS_SIP))
            word = next(word for least, word in RANGES if number >= least)
            found["open"], found["activities"], found["idle"] = word != "offline", [word], inner.get("lastActive", "")
        elif name == "note":
            if inner.tag != "{%snote}note" % NS_SIP:
                raise ValueError(inner.tag)
            found["notes"] = [body.text or "" for body in inner if body.get("type") == "personal"]
        elif name == "contactCard":
            found["name"] = inner.findtext("{0}identity/{0}name/{0}displayName".format("{%scontactcard}" % NS_SIP))
        else:
            raise ValueError(f"category {name!r}")
    return found
