# SPDX-License-Identifier: MIT
"""What several message scenarios say."""
from __future__ import annotations

from typing import Optional

from peers.sipmsg import Message
from peers.waiting import NotSeen
from peers.xmppuser import Seen, XmppUser

PLAIN = "text/plain; charset=UTF-8"
BARE_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"


def diagnostic(answer: Message) -> int:
    """The number of ms-diagnostics-public; 0 when there is none."""
    number, semicolon, rest = answer.get("ms-diagnostics-public").partition(";")
    assert not number or (semicolon and rest.startswith('reason="') and rest.endswith('"')), f"{number};{rest}"
    return int(number or 0)


def refused(answer: Message, status: int, number: int) -> None:
    """Every failure that the gateway sends names its reason (DESIGN section 4)."""
    assert answer.status == status, f"{answer.start}, {status} expected"
    assert diagnostic(answer) == number, f"{answer.start}: {answer.get('ms-diagnostics-public')!r}, {number} expected"


async def page(stub, user: str, peer: str, body: bytes, content_type: str = PLAIN, uri: str = "", sender: str = "",
               headers: tuple[tuple[str, str], ...] = (), timeout: float = 10) -> Message:
    """The answer to a page-mode MESSAGE, whose Request-URI, From and further headers a scenario may choose."""
    request, line = stub.build("MESSAGE", user, peer)
    if uri:
        request.start = f"MESSAGE {uri} SIP/2.0"
    if sender:
        request.headers = [(n, v.replace(f"<sip:{user}>", sender) if n == "From" else v) for n, v in request.headers]
        assert request.get("From") != line
    stub.dialect.dress_request(request, user, peer)
    for name, value in headers:
        request.add(name, value)
    if content_type:
        request.add("Content-Type", content_type)
    request.body = body
    return await stub.exchange(request, timeout=timeout)


def raw(user: XmppUser, to: str, inside: str, kind: str = "chat", ident: str = "", lang: str = "") -> None:
    """A message with any content."""
    user.raw(f"<message to='{to}'" + (f" type='{kind}'" if kind else "") + (f" id='{ident}'" if ident else "")
             + (f" xml:lang='{lang}'" if lang else "") + f">{inside}</message>")


def messages(user: XmppUser) -> list[Seen]:
    """Messages, errors too, that nothing has waited for."""
    return [seen for seen in user.inbox if seen.kind == "message"]


async def nothing_more(*users: XmppUser, seconds: float = 0.5) -> None:
    """No further message reaches any of them within that time."""
    for user in users:
        assert await user.quiet(lambda s: s.kind == "message", seconds if user is users[0] else 0.05), messages(user)


async def fails_with(user: XmppUser, ident: str, sender: str, condition: str, kind: str, words: str = "",
                     address: Optional[str] = None, timeout: float = 10) -> Seen:
    """The error for that id: from whom it was sent to (D-11), with condition, type, and what its text must hold."""
    error = await user.wait("the error for " + ident,
                            lambda s: s.kind == "message" and s.type == "error" and s.id == ident, timeout)
    assert error.sender == sender, f"error from {error.sender}"
    assert error.to == str(user.client.boundjid), f"error to {error.to}"
    assert (error.condition, error.error_type) == (condition, kind), (ident, error.condition, error.error_type)
    assert words in error.error_text, f"{words!r} is not in {error.error_text!r}"
    if address is not None:
        node = error.xml.find(f".//{BARE_ERRORS}{condition}")
        assert (node.text or "") == address, f"new address {node.text!r}"
    return error


__all__ = ["NotSeen", "PLAIN", "diagnostic", "fails_with", "messages", "nothing_more", "page", "raw", "refused"]
