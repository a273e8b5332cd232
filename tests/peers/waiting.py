# SPDX-License-Identifier: MIT
"""The one exception of everything that waits with a time limit."""


class NotSeen(AssertionError):
    """A wait ran out of time; the text says what was waited for and what came instead."""
