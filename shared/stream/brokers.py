"""How our clients reach Kafka: in clear text in a demo, by TLS with a certificate of their own in production."""

import ssl
from functools import lru_cache
from typing import Any

from shared.settings import Settings


def brokers(settings: Settings) -> dict[str, Any]:
    """What aiokafka's clients are made with. Raises OSError for files that cannot be read, SSLError among them."""
    if not settings.kafka_ca:
        return {"bootstrap_servers": settings.kafka}
    return {"bootstrap_servers": settings.kafka, "security_protocol": "SSL", "ssl_context": context(settings)}


def context(settings: Settings) -> ssl.SSLContext:
    """It trusts that authority alone, wants the broker's name in its certificate, and shows its own if it has one."""
    return _context(settings.kafka_ca, settings.kafka_certificate, settings.kafka_key)


@lru_cache(maxsize=8)
def _context(ca: str, certificate: str, key: str) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=ca)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        made.load_cert_chain(certificate, key or None)
    return made
