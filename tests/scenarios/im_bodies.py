# SPDX-License-Identifier: MIT
"""Bodies (M-26, M-30, M-32, M-40, M-41, V-95): what is read, what is refused with what we accept instead, and what is too large."""
from _chat import fails_with, messages, nothing_more, page, raw, refused

LABS = [("prosody", "lync"), ("prosody", "simple")]
MULTIPART = (b"preamble\r\n--edge\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nplain gr\xc3\xbc\xc3\x9fe\r\n"
             b"--edge\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--edge--\r\n")
ONLY_HTML = b"--edge\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--edge--\r\n"


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)

    for body, content_type, expected in [
            (b"gr\xfc\xdfe", "text/plain; charset=ISO-8859-1", "gr\u00fc\u00dfe"),
            (b"\x80 5", "text/plain;charset=windows-1252", "\u20ac 5"),
            ("gr\u00fc\u00dfe \U0001f600".encode("utf-16"), "text/plain; charset=UTF-16", "gr\u00fc\u00dfe \U0001f600"),
            (b"plain", "TEXT/PLAIN", "plain"),
            (b"formatted", 'text/plain; charset="utf-8"; msgr=WAAtAE0A', "formatted"),
            (b"\xef\xbb\xbfmarked", "text/plain; charset=UTF-8", "marked"),
            (MULTIPART, "multipart/alternative; boundary=edge", "plain gr\u00fc\u00dfe"),
            (MULTIPART, 'multipart/mixed; boundary="edge"', "plain gr\u00fc\u00dfe"),
            # V-95: one bad character would end the stream for everybody.
            (b"a\x00b\x01c\x0bd\x1be]]>f<g>&amp;\xef\xbf\xbeh\xc2\x85i\x7fj", "text/plain", None)]:
        answer = await page(stub, lab.alice, lab.bob, body, content_type)
        assert answer.status == 200, (content_type, answer.start)
        seen = await bob.wait_message(lab.alice)
        if expected is None:
            kept = seen.body.replace("\ufffd", "").replace("\x85", "").replace("\x7f", "")
            assert kept == "abcde]]>f<g>&amp;hij", repr(seen.body)
        else:
            assert seen.body == expected, (content_type, seen.body)

    for body, content_type in [(b"\x00\x01", "application/octet-stream"), (b"<p>hi</p>", "text/html"), (b"{\\rtf1 hi}", "text/rtf"),
                               (b"hi", "text/plain; charset=x-unheard-of"), (b"hi", "text/plain; charset=UTF-8//TRANSLIT"),
                               (b"hi", "message/cpim"), (ONLY_HTML, "multipart/alternative; boundary=edge"),
                               (MULTIPART, "multipart/alternative"), (b"hi", "nonsense"), (b"hi", "")]:
        answer = await page(stub, lab.alice, lab.bob, body, content_type)
        refused(answer, 415, 61007)
        assert "text/plain" in answer.get("Accept") and "html" not in answer.get("Accept"), (content_type, answer.get("Accept"))
    packed = await page(stub, lab.alice, lab.bob, b"\x1f\x8b", headers=(("Content-Encoding", "gzip"),))
    refused(packed, 415, 61007)
    assert packed.get("Accept-Encoding") == "identity"
    for body, content_type in [(b"", "text/plain"), (b"gr\xfc\xdfe", "text/plain; charset=UTF-8"), (b"\x01\x02", "text/plain")]:
        refused(await page(stub, lab.alice, lab.bob, body, content_type), 400, 61013)

    # M-41: larger than what a stanza may be; half of that passes.
    refused(await page(stub, lab.alice, lab.bob, b"x" * 131073, timeout=20), 513, 61014)
    assert (await page(stub, lab.alice, lab.bob, b"y" * 60000)).status == 200
    assert (await bob.wait_message(lab.alice)).body == "y" * 60000

    # The same in the other direction: characters, newlines, size.
    raw(bob, lab.alice, "<body>a&#x9;b\n\nc ]]&gt; &lt;d&gt; &amp;amp; \u2028e</body>")
    message = await stub.wait_request("MESSAGE", user=lab.alice)
    assert message.text.replace("\r\n", "\n") == "a\tb\n\nc ]]> <d> &amp; \u2028e", repr(message.text)
    bob.send(lab.alice, "z" * 60000)
    assert (await stub.wait_request("MESSAGE", user=lab.alice)).text == "z" * 60000
    ident = bob.send(lab.alice, "w" * 65537)
    await fails_with(bob, ident, lab.alice, "policy-violation", "modify", "65536")
    bob.send(lab.alice, "the end")
    assert (await stub.wait_request("MESSAGE", user=lab.alice)).text == "the end"
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("MESSAGE")
