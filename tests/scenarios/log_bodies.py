# SPDX-License-Identifier: MIT
"""Promise 8: no text of a message is in the log, unless enable-logging-all-message-bodies is on; then those of both directions are, and it is warned of."""
import asyncio

LABS = [("prosody", "lync"), ("prosody", "simple")]
WORD = "quixotic"


async def talk(lab, stub, bob, mark):
    bob.send(lab.alice, f"{WORD} {mark} from bob")
    await stub.wait_request("MESSAGE", text=f"{WORD} {mark} from bob")
    assert (await stub.message(lab.alice, lab.bob, f"{WORD} {mark} from alice")).status == 200
    await bob.wait_message(lab.alice, f"{WORD} {mark} from alice")


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    await talk(lab, stub, bob, "silent")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message sip->xmpp .*: delivered", 5)
    assert WORD not in lab.stoxd.log.read_text()

    await asyncio.to_thread(lab.stoxd.stop)
    lab.stoxd.config.write_text(lab.stoxd.config.read_text().replace(
        "[gateway]\n", "[gateway]\nenable-logging-all-message-bodies = true\n"))
    since = lab.stoxd.log_size()
    await asyncio.to_thread(lab.stoxd.start)
    await lab.wait_attached()
    await asyncio.to_thread(lab.stoxd.wait_log, r"warning stoxd: enable-logging-all-message-bodies is on", 5, since)
    await talk(lab, stub, bob, "loud")
    for whose in ("bob", "alice"):
        await asyncio.to_thread(lab.stoxd.wait_log, rf"{WORD} loud from {whose}", 5, since)
    assert "silent" not in lab.stoxd.log.read_text()

    bob.send(lab.alice, f"{WORD} one\nforged line")
    await stub.wait_request("MESSAGE", user=lab.alice)
    line = await asyncio.to_thread(lab.stoxd.wait_log, rf"{WORD} one", 5, since)
    assert line.endswith("\\x0aforged line"), "a text must not begin a log line of its own"
