# SPDX-License-Identifier: MIT
"""
Kamailio 5.6.3 as registrar and presence server behind a simple hop, over UDP: bob follows what alice publishes, messages in both directions
through its location table, alice's session with bob and her subscription to him through its record route.
"""
from _kamailio import through_kamailio

LABS = [("prosody", "simple")]
TRANSPORT = "udp"
STANDS_ALONE = True


async def scenario(lab):
    await through_kamailio(lab)
