"""Which addresses a source may reach."""

import pytest

from emag.network import NetworkAccess

PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fd12::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
]
NEVER = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fe80::1",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "fe80::1%eth0",
    "not an address",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_may_be_reached(address):
    assert NetworkAccess().permits(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_network_only_where_the_settings_say_so(address):
    assert not NetworkAccess().permits(address)
    assert NetworkAccess(allow_private=True).permits(address)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_the_like_never(address):
    assert not NetworkAccess(allow_private=True).permits(address)
