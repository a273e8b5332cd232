# SPDX-License-Identifier: MIT
"""How a program of the lab gets to know the lab's names, which no DNS serves."""
from __future__ import annotations

import functools
import subprocess
from pathlib import Path

NSS_WRAPPER = "libnss_wrapper.so"
OVER_RESOLV = ["unshare", "--mount", "--", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']
OVER_HOSTS = ["unshare", "--mount", "--", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"']


@functools.cache
def mounts_allowed() -> bool:
    """Whether a program can have an /etc/hosts of its own (root, and no chroot)."""
    try:
        return subprocess.run([*OVER_HOSTS, "/etc/hosts", "true"], capture_output=True, timeout=10).returncode == 0
    except OSError:
        return False


def with_names(hosts: Path, command: list[str], environment: dict[str, str]) -> list[str]:
    """
    The command that runs `command` with these hosts, and with the name servers of a resolv.conf beside them if there is one; may add to
    `environment`. The process id stays the command's own. nss_wrapper is only the second choice: two look-ups at the same time crash it now and then (it keeps its hosts in the one table of hsearch(3)).
    """
    if mounts_allowed():
        resolv = hosts.with_name("resolv.conf")
        with_dns = [*OVER_RESOLV, str(resolv)] if resolv.exists() else []
        return [*with_dns, *OVER_HOSTS, str(hosts), *command]
    environment |= {"LD_PRELOAD": NSS_WRAPPER, "NSS_WRAPPER_HOSTS": str(hosts)}
    # A preloaded library comes before the sanitizer's run time, which refuses that unless told.
    given = environment.get("ASAN_OPTIONS", "")
    environment["ASAN_OPTIONS"] = (given + ":" if given else "") + "verify_asan_link_order=0"
    return command
