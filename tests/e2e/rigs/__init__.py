"""Real things to test against, each started by the test that wants it and gone when the test ends.

Every rig is a context manager; what it needs is installed on first use (see need.py) or the test is
skipped with the reason. Everything listens on 127.0.0.1, on a port of its own, and keeps its files in a
temporary folder. What is slow to make once (an initialised database, a root file system, npm packages)
is kept in need.cache(), outside the tree.
"""
