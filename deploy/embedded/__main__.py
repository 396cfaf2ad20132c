"""Fetch and unpack all that the demo and the tests run on, so that they need no network later."""

from deploy.embedded import chromium, kafka, postgres


def main() -> None:
    postgres.binaries()
    kafka.loaded_classes()
    chromium.executable()


main()
