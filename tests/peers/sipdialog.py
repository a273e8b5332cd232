# SPDX-License-Identifier: MIT
"""The stub's view of a dialog: what it must send, and what it must see from the gateway (R-21, R-33)."""
from __future__ import annotations

from dataclasses import dataclass, field

from .sipmsg import Message, tag_of, uri_of


@dataclass
class Dialog:
    call_id: str
    local: str            # our From or To line, with tag
    remote: str           # the gateway's line; gains its tag with the first response
    target: str           # Request-URI of what we send: the gateway's Contact
    contact: str          # our Contact line
    kind: str = ""        # "invite" or "subscribe"
    user: str = ""        # our user, address form
    peer: str = ""        # the XMPP user behind the gateway, address form
    local_cseq: int = 0
    remote_cseq: int = 0
    expected_route: list[str] = field(default_factory=list)  # the gateway's Route lines, unchanged
    route: list[str] = field(default_factory=list)           # Route lines of what we send
    own_route: list[str] = field(default_factory=list)       # Record-Route that we put into requests
    request: Message | None = None   # the request that made it
    answer: Message | None = None    # the gateway's 2xx to it
    established: bool = False
    ended: bool = False
    dead: bool = False               # scripted: answer 481 to everything in here
    expires: int = 0                 # granted, seconds (subscriptions)

    @property
    def local_tag(self) -> str:
        return tag_of(self.local)

    @property
    def remote_tag(self) -> str:
        return tag_of(self.remote)

    def matches(self, request: Message) -> bool:
        """Does this request of the gateway belong in here?"""
        return (request.call_id == self.call_id and tag_of(request.get("To")) == self.local_tag
                and self.local_tag != "")

    def check(self, request: Message) -> list[str]:
        """What is wrong with an in-dialog request of the gateway."""
        wrong = []
        number, method = request.cseq
        if method == "ACK":
            if self.request is not None and self.kind == "invite" and number > self.remote_cseq:
                wrong.append(f"ACK with CSeq {number}, the INVITE had {self.remote_cseq} or less (R-21)")
        elif number <= self.remote_cseq:
            wrong.append(f"CSeq {number} after {self.remote_cseq} in a {method} (R-21)")
        else:
            self.remote_cseq = number
        if self.remote_tag and tag_of(request.get("From")) != self.remote_tag:
            wrong.append(f"From tag {tag_of(request.get('From'))!r}, not {self.remote_tag!r} in a {method}")
        if uri_of(request.get("From")) != uri_of(self.remote):
            wrong.append(f"From {request.get('From')!r}, the dialog has {self.remote!r}")
        if request.uri != uri_of(self.contact):
            wrong.append(f"Request-URI {request.uri!r}, our Contact is {uri_of(self.contact)!r} (R-33)")
        routes = split_routes(request.all("Route"))
        if routes != self.expected_route:
            wrong.append(f"Route {routes!r}, not {self.expected_route!r} in a {method} (R-33)")
        return wrong


def split_routes(lines: list[str]) -> list[str]:
    """The URIs in brackets of all Route or Record-Route lines; one line may hold several with commas."""
    found = []
    for line in lines:
        rest = line
        while "<" in rest:
            uri, _, rest = rest.partition("<")[2].partition(">")
            found.append(f"<{uri}>")
    return found
