# SPDX-License-Identifier: MIT
"""The header lint: what every request and response of the gateway must look like (rows R-20 to R-23, R-28, R-33)."""
from __future__ import annotations

from .sipmsg import Message, address_of, params_of, tag_of, uri_of

MANDATORY = ("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards")
ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type", "Expires",
        "Event", "Subscription-State")


def lint_common(message: Message) -> list[str]:
    wrong = []
    for name in ONCE:
        if len(message.all(name)) > 1:
            wrong.append(f"{name} occurs {len(message.all(name))} times")
    length = message.get("Content-Length")
    if not length.isdigit() or int(length) != len(message.body):
        wrong.append(f"Content-Length {length!r} with a body of {len(message.body)} bytes (R-28)")
    if message.body and not message.has("Content-Type"):
        wrong.append("a body without Content-Type")
    for name, value in message.headers:
        if any(ord(c) < 32 and c != "\t" for c in value):
            wrong.append(f"a control character in {name}")
    return wrong


def lint_request(request: Message, used_branches: set[str]) -> list[str]:
    """`used_branches` holds the branches seen so far; the request's own is added (ACK of a failure and CANCEL repeat theirs)."""
    wrong = lint_common(request)
    for name in MANDATORY:
        if not request.has(name):
            wrong.append(f"no {name} (R-20)")
    if not request.start.endswith(" SIP/2.0") or len(request.start.split(" ")) != 3:
        wrong.append(f"request line {request.start!r}")
    if not request.uri.lower().startswith(("sip:", "sips:")):
        wrong.append(f"Request-URI {request.uri!r}")
    number, method = request.cseq
    if method != request.method or not 0 < number < 2 ** 31:
        wrong.append(f"CSeq {request.get('CSeq')!r} in a {request.method} (R-20)")
    if not tag_of(request.get("From")):
        wrong.append("From without a tag (R-20)")
    if not request.get("Max-Forwards").isdigit() or not 0 <= int(request.get("Max-Forwards")) <= 255:
        wrong.append(f"Max-Forwards {request.get('Max-Forwards')!r} (R-20)")
    branch = params_of("<>;" + request.get("Via").partition(";")[2]).get("branch", "")
    if not branch.startswith("z9hG4bK") or len(branch) < 12:
        wrong.append(f"Via branch {branch!r} (R-20)")
    elif request.method not in ("ACK", "CANCEL"):
        if branch in used_branches:
            wrong.append(f"Via branch {branch!r} used twice (R-20)")
        used_branches.add(branch)
    if request.method in ("INVITE", "SUBSCRIBE", "NOTIFY", "UPDATE"):
        if len(request.all("Contact")) != 1:
            wrong.append(f"{len(request.all('Contact'))} Contact headers in a {request.method}")
    if request.method in ("SUBSCRIBE", "NOTIFY") and not request.has("Event"):
        wrong.append(f"{request.method} without Event (RFC 6665 s8.2.1)")
    if request.method == "NOTIFY" and not request.has("Subscription-State"):
        wrong.append("NOTIFY without Subscription-State (RFC 6665 s8.2.3)")
    if request.method == "MESSAGE" and request.has("Contact"):
        wrong.append("MESSAGE with Contact (RFC 3428 s8)")
    if not tag_of(request.get("To")) and request.method in ("INVITE", "MESSAGE", "SUBSCRIBE"):
        if address_of(request.get("To")) != address_of(request.uri):
            wrong.append(f"To {request.get('To')!r} and Request-URI {request.uri!r} differ")
    return wrong


def lint_response(answer: Message, request: Message, from_proxy: bool = False) -> list[str]:
    """R-22: Via in their order, From, Call-ID and CSeq copied byte for byte, To with a tag."""
    wrong = lint_common(answer)
    for name in ("Via", "From", "Call-ID", "CSeq"):
        if answer.all(name) != request.all(name):
            wrong.append(f"{answer.status}: {name} is not what the request had: {answer.all(name)!r} (R-22)")
    if uri_of(answer.get("To")) != uri_of(request.get("To")):
        wrong.append(f"{answer.status}: To {answer.get('To')!r} (R-22)")
    if answer.status > 100 and not tag_of(answer.get("To")):
        wrong.append(f"{answer.status}: To without a tag (R-22)")
    if tag_of(request.get("To")) and tag_of(answer.get("To")) != tag_of(request.get("To")):
        wrong.append(f"{answer.status}: another To tag than the request's (R-22)")
    makes_dialog = request.method in ("INVITE", "SUBSCRIBE") and 200 <= answer.status < 300
    if makes_dialog:
        if not from_proxy and answer.all("Record-Route") != request.all("Record-Route"):
            wrong.append(f"{answer.status}: Record-Route changed: {answer.all('Record-Route')!r}")
        if len(answer.all("Contact")) != 1:
            wrong.append(f"{answer.status} to {request.method} with {len(answer.all('Contact'))} Contact headers")
    if request.method == "SUBSCRIBE" and 200 <= answer.status < 300 and not answer.get("Expires").isdigit():
        wrong.append("2xx to SUBSCRIBE without Expires (RFC 6665 s8.2.1)")
    if answer.status == 405 and not answer.has("Allow"):
        wrong.append("405 without Allow (R-23)")
    if answer.status == 415 and not answer.has("Accept") and not answer.has("Accept-Encoding"):
        wrong.append("415 that does not say what is accepted (R-23)")
    if answer.status == 420 and not answer.has("Unsupported"):
        wrong.append("420 without Unsupported (R-23)")
    return wrong
