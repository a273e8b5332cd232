# SPDX-License-Identifier: MIT
"""Bodies (M-26, M-29 to M-32, M-36, M-41, V-10, V-11, V-95): what is read, what is refused with what we accept instead, and what is too large."""
from _chat import fails_with, messages, nothing_more, page, raw, refused

LABS = [("prosody", "lync"), ("prosody", "simple")]
MULTIPART = (b"preamble\r\n--edge\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nplain gr\xc3\xbc\xc3\x9fe\r\n"
             b"--edge\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--edge--\r\n")
ONLY_HTML = b"--edge\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--edge--\r\n"
ENCODED = (b"--edge\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ngr=FC=DFe\r\n--edge--\r\n")
# As RichEdit, and with it Lync, writes it.
RTF = (rb"{\rtf1\fbidis\ansi\ansicpg1252\deff0\nouicompat\deflang1033{\fonttbl{\f0\fnil\fcharset0 Segoe UI;}{\f1\fnil\fcharset204 Segoe UI;}}"
       b"\r\n" rb"{\*\generator Riched20 15.0.4420}\viewkind4\uc1 \pard\embo\f0\fs20 gr\'fc\'dfe \b\u8364?\b0  \f1\'e4\'e0\f0\u-10179?\u-8704?\par{\*\lyncflags<rtf=1>}}" b"\r\n")


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    cpim = f"From: <im:{lab.alice}>\r\nTo: <im:{lab.bob}>\r\n\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nwrapped".encode()

    for body, content_type, expected in [
            (b"gr\xfc\xdfe", "text/plain; charset=ISO-8859-1", "gr\u00fc\u00dfe"),
            (b"\x80 5", "text/plain;charset=windows-1252", "\u20ac 5"),
            ("gr\u00fc\u00dfe \U0001f600".encode("utf-16"), "text/plain; charset=UTF-16", "gr\u00fc\u00dfe \U0001f600"),
            (b"plain", "TEXT/PLAIN", "plain"),
            (b"formatted", 'text/plain; charset="utf-8"; msgr=WAAtAE0A', "formatted"),
            (b"\xef\xbb\xbfmarked", "text/plain; charset=UTF-8", "marked"),
            (MULTIPART, "multipart/alternative; boundary=edge", "plain gr\u00fc\u00dfe"),
            (MULTIPART, 'multipart/mixed; boundary="edge"', "plain gr\u00fc\u00dfe"),
            (ENCODED, "multipart/mixed; boundary=edge", "gr\u00fc\u00dfe"),
            (ONLY_HTML, "multipart/alternative; boundary=edge", "rich"),
            (b"<p>hi</p><script>no</script>", "text/html", "hi"),
            (RTF, "text/rtf; charset=UTF-8", "gr\u00fc\u00dfe \u20ac \u0434\u0430\U0001f600"),
            (cpim, "message/cpim", "wrapped"),
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

    for body, content_type in [(b"\x00\x01", "application/octet-stream"), (b"GIF89a", "image/gif"),
                               (b"hi", "text/plain; charset=x-unheard-of"), (b"hi", "text/plain; charset=UTF-8//TRANSLIT"),
                               (b"hi", "nonsense"), (b"hi", "")]:
        answer = await page(stub, lab.alice, lab.bob, body, content_type)
        refused(answer, 415, 61007)   # lync.md 4.9-415
        accepted = {word.strip() for word in answer.get("Accept").split(",")}
        assert {"text/plain", "text/html", "text/rtf", "multipart/alternative", "message/cpim"} <= accepted, (content_type, accepted)
    packed = await page(stub, lab.alice, lab.bob, b"\x1f\x8b", headers=(("Content-Encoding", "gzip"),))
    refused(packed, 415, 61007)
    assert packed.get("Accept-Encoding") == "identity"
    for body, content_type in [(b"", "text/plain"), (b"\x01\x02", "text/plain")]:
        refused(await page(stub, lab.alice, lab.bob, body, content_type), 400, 61023)
    for body, content_type in [(b"gr\xfc\xdfe", "text/plain; charset=UTF-8"), (MULTIPART, "multipart/alternative"),
                               (b"hi", "text/rtf"), (b"hi", "message/cpim")]:
        refused(await page(stub, lab.alice, lab.bob, body, content_type), 400, 61024)
    refused(await page(stub, lab.alice, lab.bob, b"0", "application/pkcs7-mime"), 415, 61022)

    # M-41: larger than what a stanza may be; half of that passes.
    refused(await page(stub, lab.alice, lab.bob, b"x" * 131073, timeout=20), 513, 61014)
    assert (await page(stub, lab.alice, lab.bob, b"y" * 60000)).status == 200
    assert (await bob.wait_message(lab.alice)).body == "y" * 60000

    # The same in the other direction: characters, newlines, size.
    raw(bob, lab.alice, "<body>a&#x9;b\n\nc ]]&gt; &lt;d&gt; &amp;amp; \u2028e</body>")
    message = await stub.wait_request("MESSAGE", user=lab.alice)
    assert message.text.replace("\r\n", "\n") == "a\tb\n\nc ]]> <d> &amp; \u2028e", repr(message.text)
    # A long one in parts, in order: lync.md 4.4 says how much a client takes, max-message-text what others get.
    most = 8000 if lab.dialect == "lync" else 65536
    bob.send(lab.alice, "z" * 60000)
    for begins in range(0, 60000, most):
        assert (await stub.wait_request("MESSAGE", user=lab.alice)).text == "z" * min(most, 60000 - begins)
    if lab.dialect == "lync":   # the other limit is more than a stanza may have
        ident = bob.send(lab.alice, "w" * 64001)
        await fails_with(bob, ident, lab.alice, "policy-violation", "modify", "64000")
    bob.send(lab.alice, "the end")
    assert (await stub.wait_request("MESSAGE", user=lab.alice)).text == "the end"
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("MESSAGE")
