"""Webhooks reach the public internet and nothing else, however an address is written or found."""

import socket
from ipaddress import ip_network

import pytest

from backend.settings import Settings
from backend.webhooks.addresses import AddressRefused, checked_sockets, may_reach, written_address

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not may_reach(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(AddressRefused):
        checked_sockets(())((family, socket.SOCK_STREAM, 0, "", (address, 80)))


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_reached(address: str) -> None:
    assert may_reach(address)


def test_a_network_that_an_administrator_names_is_reached_in_each_form_of_its_addresses() -> None:
    reach = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert all(may_reach(address, reach) for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "8.8.8.8"))
    assert not any(may_reach(address, reach) for address in ("10.2.0.1", "127.0.0.1", "fe80::1"))


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "0x7f000001", "127.0.0.1"])
def test_an_address_in_an_odd_form_is_seen_as_one(host: str) -> None:
    assert written_address(host) == "127.0.0.1"


def test_a_name_is_no_address() -> None:
    assert written_address("localhost") is None
    assert written_address("example.org") is None
    assert written_address("a" * 300) is None


def test_the_setting_lists_networks_and_single_addresses() -> None:
    reach = Settings(webhook_networks="10.1.0.0/16, 192.168.7.20,fd00::/8").webhooks_reach
    assert [str(network) for network in reach] == ["10.1.0.0/16", "192.168.7.20/32", "fd00::/8"]
    for wrong in ("intranet", "10.1.0.1/16", "10.0.0.0/33"):
        with pytest.raises(ValueError, match="it looks like"):
            Settings(webhook_networks=wrong)
