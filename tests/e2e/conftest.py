"""What all end-to-end tests share. Machines differ: a missing rig skips a test and says why (`-rs` lists them).

Every test has a time limit: 60 s, or what `@pytest.mark.limit(seconds)` says.
"""
import signal

import pytest

from rigs import certs, sidebyside

DEFAULT_LIMIT_S = 60


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than a few seconds, or installs packages on first use")
    config.addinivalue_line("markers", "side_by_side: mostly waits, and shares nothing with other tests (sidebyside.py)")
    config.pluginmanager.register(sidebyside.Plugin())
    config.addinivalue_line("markers", "limit(seconds): how long the test may take")


class TooLong(Exception):
    pass


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """The test itself: fixtures may have to install or build something first."""
    marker = item.get_closest_marker("limit")
    is_slow = item.get_closest_marker("slow")
    seconds = marker.args[0] if marker else 600 if is_slow else DEFAULT_LIMIT_S

    def ring(*_):
        raise TooLong(f"not done after {seconds} s")
    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority that the agents under test are told to trust."""
    return certs.CA(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority):
    return authority.server("psa")
