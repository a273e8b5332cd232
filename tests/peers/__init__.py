# SPDX-License-Identifier: MIT
"""The peers of the tests: a front-end stub on the SIP side, scripted users on the XMPP side."""
