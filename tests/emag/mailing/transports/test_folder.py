"""The folder transport keeps the copies, which hold readers' addresses, for its owner alone."""

import os

import pytest

from emag.mailing.transports.folder import FolderTransport


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_nobody_else_can_read_the_copies(tmp_path, message):
    outbox = tmp_path / "outbox"
    transport = FolderTransport(outbox)
    transport.send([message(1), message(1)])
    assert outbox.stat().st_mode & 0o777 == 0o700
    files = list(outbox.iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
