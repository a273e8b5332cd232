# SPDX-License-Identifier: MIT
"""What the registrar reads from MS clients and writes to them: contact lists, publications, resource lists (MS-PRES, MS-SIP)."""
from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Optional

from .documents import escape

NS = "http://schemas.microsoft.com/2006/09/sip/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
GROUP = "Contacts"     # the one group of every list; the client files its contacts there

# lync.md 3.3: where each range of availability numbers begins, and the word that PIDF has for it.
RANGES = ((18000, "offline"), (15000, "away"), (12000, "be-right-back"), (9000, "do-not-disturb"), (6000, "busy"),
          (4500, "idle"), (3000, "available"))


def word_of(availability: int) -> str:
    return next((word for least, word in RANGES if availability >= least), "offline")


def contact_list(contacts: dict[str, str], delta: int) -> bytes:
    """address -> display name. A deltaNum of 0 would not do (MS-SIP)."""
    rows = "".join(f'<contact uri="{escape(uri)}" name="{escape(name)}" groups="1" subscribed="true" externalURI=""/>'
                   for uri, name in contacts.items())
    return (f'<contactList xmlns="{NS}contacts" deltaNum="{delta}"><group id="1" name="{GROUP}" externalURI=""/>{rows}'
            "</contactList>").encode()


def roaming_self(user: str) -> bytes:
    return (f'<roamingData xmlns="{NS}roaming-self"><categories xmlns="{NS}categories" uri="sip:{escape(user)}"/>'
            f'<containers xmlns="{NS}containers"/><subscribers xmlns="{NS}presence-subscribers"/></roamingData>').encode()


def provisioning() -> bytes:
    return (f'<provisionGroupList xmlns="{NS}provisiongrouplist-notification"><provisionGroup name="ServerConfiguration"/>'
            "</provisionGroupList>").encode()


def resources(body: bytes) -> list[str]:
    """The addresses in a batched subscription."""
    return [element.get("uri", "").removeprefix("sip:") for element in ElementTree.fromstring(body).iter()
            if element.tag.endswith("}resource")]


def elsewhere(user: str, addresses: list[str]) -> bytes:
    """RLMI, MS-PRES 3.4.5.1.3: these contacts are not ours; the client asks each of them itself."""
    rows = "".join(f'<resource uri="sip:{escape(address)}"><instance id="{number}" state="resubscribe"/></resource>'
                   for number, address in enumerate(addresses))
    return (f'<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:{escape(user)}" version="0" fullState="false">{rows}'
            "</list>").encode()


@dataclass
class Published:
    """One SERVICE of application/msrtc-category-publish+xml."""

    availability: Optional[int] = None   # the user's own choice, or the machine's where he made none
    note: Optional[str] = None           # "" takes it away, None says nothing about it
    answer: bytes = b""                  # roamingData with the versions that the client has to use next


def published(user: str, body: bytes) -> Published:
    found = Published()
    rows = []
    for entry in ElementTree.fromstring(body).iter():
        if not entry.tag.endswith("}publication"):
            continue
        inner = entry[0] if len(entry) else None
        kind = entry.get("categoryName", "")
        if kind == "state" and inner is not None:
            value = int(inner.findtext(f"{{{NS}state}}availability") or 0)
            if inner.get(f"{{{XSI}}}type") == "userState" or found.availability is None:
                found.availability = value
        elif kind == "note":
            found.note = "" if inner is None else "".join(inner.itertext())
        content = "" if inner is None else ElementTree.tostring(inner, "unicode")
        rows.append(f'<category name="{escape(kind)}" instance="{entry.get("instance")}" publishTime="2026-01-01T00:00:00.000" '
                    f'container="{entry.get("container")}" version="{int(entry.get("version", "0")) + 1}" '
                    f'expireType="{entry.get("expireType")}">{content}</category>')
    found.answer = (f'<roamingData xmlns="{NS}roaming-self"><categories xmlns="{NS}categories" uri="sip:{escape(user)}">'
                    f'{"".join(rows)}</categories></roamingData>').encode()
    return found


def changed_contact(body: bytes) -> tuple[str, str]:
    """The verb and the address of a SOAP request about the contact list: ("setContact", "bob@partner.example")."""
    for element in ElementTree.fromstring(body).iter():
        verb = element.tag.rpartition("}")[2]
        if verb in ("setContact", "deleteContact"):
            uri = next((child.text or "" for child in element if child.tag.endswith("}URI")), "")
            return verb, uri.removeprefix("sip:")
    return "", ""
