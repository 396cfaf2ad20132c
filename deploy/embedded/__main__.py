"""Fetch and unpack all that the demo and the tests run on, so that they need no network later."""

from deploy.embedded import chromium, jars, postgres


def main() -> None:
    postgres.binaries()
    jars.folder()
    chromium.executable()


main()
