# SPDX-License-Identifier: MIT
"""The lab: real XMPP servers, stoxd, a front-end stub and scripted users on one machine."""
