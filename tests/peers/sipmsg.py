# SPDX-License-Identifier: MIT
"""SIP messages as plain values: raw header lines in their order, a stream framer, small helpers for addresses."""
from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length",
    "c": "content-type", "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via",
    "u": "allow-events", "o": "event", "r": "refer-to", "b": "referred-by", "x": "session-expires",
}

REASONS = {
    100: "Trying", 101: "Progress Report", 180: "Ringing", 200: "OK", 202: "Accepted",
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 415: "Unsupported Media Type", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 489: "Bad Event", 500: "Server Internal Error",
    503: "Service Unavailable", 504: "Server Time-out", 603: "Decline",
}


class SipError(Exception):
    """What came is not SIP."""


def token(octets: int = 8) -> str:
    return secrets.token_hex(octets)


@dataclass
class Message:
    """One request or response. `headers` keeps the raw lines; names are looked up without regard to case."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        return self.start.split(" ", 1)[0] if self.is_request else self.cseq[1]

    @property
    def uri(self) -> str:
        return self.start.split(" ")[1] if self.is_request else ""

    @property
    def status(self) -> int:
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def cseq(self) -> tuple[int, str]:
        number, _, method = self.get("CSeq", "0 ?").strip().partition(" ")
        return (int(number) if number.isdigit() else 0), method.strip()

    @property
    def call_id(self) -> str:
        return self.get("Call-ID", "")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def all(self, name: str) -> list[str]:
        low = name.lower()
        return [value for key, value in self.headers
                if COMPACT.get(key.lower(), key.lower()) == low]

    def get(self, name: str, default: str = "") -> str:
        values = self.all(name)
        return values[0] if values else default

    def has(self, name: str) -> bool:
        return bool(self.all(name))

    def add(self, name: str, value: str) -> "Message":
        self.headers.append((name, value))
        return self

    def to_bytes(self) -> bytes:
        lines = [self.start] + [f"{k}: {v}" for k, v in self.headers]
        if not self.has("Content-Length"):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + self.body

    def summary(self) -> str:
        """One line for people: never the body."""
        if self.is_request:
            return f"{self.method} {self.uri}"
        return f"{self.start[8:]} ({self.cseq[1]})"


class Framer:
    """Bytes of a stream in, whole messages out (RFC 3261 s18.3, R-28). CRLF pings are counted, not answered."""

    def __init__(self) -> None:
        self.buffer = b""
        self.pings = 0
        self.pongs = 0

    def feed(self, data: bytes) -> list[Message]:
        self.buffer += data
        found = []
        while True:
            while self.buffer.startswith(b"\r\n"):
                if self.buffer.startswith(b"\r\n\r\n"):
                    self.pings += 1
                    self.buffer = self.buffer[4:]
                else:
                    if self.buffer == b"\r\n":
                        self.pongs += 1
                    self.buffer = self.buffer[2:]
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return found
            message = parse_head(self.buffer[:end])
            length = message.get("Content-Length")
            if not length.strip().isdigit():
                raise SipError(f"no usable Content-Length in {message.start!r}")
            whole = end + 4 + int(length)
            if len(self.buffer) < whole:
                return found
            message.body = self.buffer[end + 4:whole]
            self.buffer = self.buffer[whole:]
            found.append(message)


def parse_head(head: bytes) -> Message:
    lines = head.decode("utf-8", "replace").split("\r\n")
    message = Message(lines[0])
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and message.headers:
            name, value = message.headers[-1]
            message.headers[-1] = (name, value + " " + line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise SipError(f"a header line without a colon: {line!r}")
        message.headers.append((name.strip(), value.strip()))
    if "SIP/2.0" not in message.start:
        raise SipError(f"neither request nor response: {message.start!r}")
    return message


def parse(data: bytes) -> Message:
    head, _, body = data.partition(b"\r\n\r\n")
    message = parse_head(head)
    message.body = body
    return message


def uri_of(value: str) -> str:
    """The URI of From, To, Contact, Route and the like, as written."""
    match = re.search(r"<([^>]*)>", value)
    return match.group(1) if match else value.split(";", 1)[0].strip()


def params_of(value: str) -> dict[str, str]:
    """The header parameters, those behind the brackets (or behind the URI when it has none)."""
    tail = value.split(">", 1)[1] if "<" in value else value.partition(";")[1] + value.partition(";")[2]
    found = {}
    for part in tail.split(";")[1:]:
        name, _, text = part.strip().partition("=")
        found[name.lower()] = text.strip('"')
    return found


def uri_params(uri: str) -> dict[str, str]:
    found = {}
    for part in uri.split(";")[1:]:
        name, _, text = part.partition("=")
        found[name.lower()] = text
    return found


def tag_of(value: str) -> str:
    return params_of(value).get("tag", "")


def address_of(value: str) -> str:
    """user@domain of a URI or header, without scheme, port and parameters, lower case."""
    uri = uri_of(value).split(";", 1)[0]
    scheme, colon, rest = uri.partition(":")
    rest = rest if colon and scheme.lower() in ("sip", "sips", "pres", "im") else uri
    user, at, host = rest.rpartition("@")
    return (user + at + host.split(":", 1)[0]).lower()


def response(request: Message, status: int, reason: str = "", to_tag: str = "") -> Message:
    """A response with what R-22 asks for: all Via, From, To (with tag), Call-ID, CSeq; Record-Route for 1xx and 2xx."""
    answer = Message(f"SIP/2.0 {status} {reason or REASONS.get(status, 'Response')}")
    for via in request.all("Via"):
        answer.add("Via", via)
    if 100 < status < 300:
        for route in request.all("Record-Route"):
            answer.add("Record-Route", route)
    answer.add("From", request.get("From"))
    to = request.get("To")
    if status > 100 and to_tag and not tag_of(to):
        to += f";tag={to_tag}"
    answer.add("To", to).add("Call-ID", request.call_id).add("CSeq", request.get("CSeq"))
    return answer
