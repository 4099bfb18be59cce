"""Which addresses webhooks may reach, decided for the address that is connected to.

A name is not judged: what it resolves to can change between a look and the connection, and a number has many spellings.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from backend.settings import Network

_Address = IPv4Address | IPv6Address
_UNICAST = ip_network("2000::/3")  # the only part of IPv6 that is given out
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "2002::/16",  # 6to4 and ...
            "2001::/32",  # ... Teredo lead to an IPv4 address, through ...
            "192.88.99.0/24",  # ... a relay
            "192.0.0.0/24",  # for protocols, and where a cloud tells its machines their credentials
            "168.63.129.16/32",  # another cloud's host, seen from its machines
            "3fff::/20",  # for documentation, which older Pythons do not know
        ),
    )
)
_TRANSLATED = ip_network("64:ff9b::/96")  # an IPv4 address, seen from a network that has IPv6 alone


class AddressRefused(OSError):
    """Maskloom does not connect to this address."""


def may_reach(address: str, reach: Sequence[Network] = ()) -> bool:
    """Whether webhooks may reach an address: the public internet, and the networks that an administrator named."""
    found = _plain(ip_address(address.partition("%")[0]))
    return any(found in network for network in reach) or _is_public(found)


def checked_sockets(reach: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Makes sockets for addresses, as `getaddrinfo` gives them, that may be reached.

    The one it makes raises:
        AddressRefused: this one may not.
    """

    def make(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, (address, *_) = info
        if not may_reach(address, reach):
            raise AddressRefused(f"{address} is not on the public internet, and MASKLOOM_WEBHOOK_NETWORKS lacks it")
        return socket.socket(family, kind, protocol)

    return make


def written_address(host: str) -> str | None:
    """The address that a host spells out in any of the forms that systems take, such as 0x7f.1; None for a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return str(found[0][4][0])


def _plain(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 address that only wraps one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: _Address) -> bool:
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in _UNICAST
