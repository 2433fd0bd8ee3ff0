"""What all end-to-end tests share. Machines differ: a missing rig skips a test and says why (`-rs` lists them)."""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than a few seconds, or installs packages on first use")
