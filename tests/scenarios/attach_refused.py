# SPDX-License-Identifier: MIT
"""What an administrator reads when the XMPP server refuses (X-08): a wrong secret, and a second stoxd for the same domain (X-12)."""
import asyncio
import copy

from labkit.stoxd import Stoxd

LABS = [("prosody", "lync"), ("ejabberd", "lync")]


async def scenario(lab):
    good = lab.stoxd
    secret = good.directory / "secret"
    await asyncio.to_thread(good.stop)
    right = secret.read_text()
    secret.write_text("not the secret\n")
    since = good.log_size()
    await asyncio.to_thread(good.start)
    line = await asyncio.to_thread(good.wait_log, r"refused the secret", 20, since)
    assert "contoso.example" in line and "secret-file" in line, line
    assert "not the secret" not in good.log.read_text(), "a secret is never logged"
    secret.write_text(right)
    await asyncio.to_thread(good.stop)
    since = good.log_size()
    await asyncio.to_thread(good.start)
    await asyncio.to_thread(good.wait_log, r"stream of contoso\.example .* is up", 20, since)
    if lab.edge_kind == "prosody":
        await second_instance(lab)


async def second_instance(lab):
    options = copy.deepcopy(lab.options)
    options.extra = {"sip": {"listen": f"tls:{lab.places.gateway}:5099"}}
    places = copy.copy(lab.places)
    places.sip = 5099
    second = Stoxd(lab.stoxd.program, lab.setting, places, options)
    second.directory = lab.directory / "second"
    second.log, second.config = second.directory / "stoxd.log", second.directory / "stoxd.conf"
    second.prepare()
    await asyncio.to_thread(second.start)
    try:
        line = await asyncio.to_thread(second.wait_log, r"conflict", 20)
        assert "kick_old" in line or "another" in line, line
        # The first keeps the stream: they never fight.
        stub = await lab.front_end()
        bob = await lab.user(lab.bob)
        bob.send(lab.alice, "still here")
        await stub.wait_request("MESSAGE", user=lab.alice, text="still here")
    finally:
        await asyncio.to_thread(second.stop)
