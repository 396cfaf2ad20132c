"""Certificates of an authority made for a test, and TLS in front of the embedded PostgreSQL, which is built without."""

import asyncio
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SSL_REQUEST, GSS_REQUEST = struct.pack("!ii", 8, 80877103), struct.pack("!ii", 8, 80877104)


@dataclass(frozen=True)
class Authority:
    """Who signs certificates, in a folder."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @staticmethod
    def founded(folder: Path) -> "Authority":
        folder.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("diary authority")
        made = _certificate(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        authority = Authority(folder, key, made.sign(key, hashes.SHA256()))
        authority.root.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        return authority

    @property
    def root(self) -> Path:
        """Its own certificate."""
        return self.folder / "ca.pem"

    def issue(self, name: str) -> Path:
        """Key and certificate of this name on this machine, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = _certificate(_name(name), self.certificate.subject, key).add_extension(usage, False)
        signed = made.add_extension(here, False).sign(self.key, hashes.SHA256())
        file = self.folder / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
        )
        return file


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return made.not_valid_before(now - timedelta(minutes=1)).not_valid_after(now + timedelta(days=1))


@contextmanager
def before(server: int, certificate: Path) -> Iterator[int]:
    """A port where PostgreSQL's own way of beginning TLS is spoken; what is inside goes to the server's port.

    As a TLS-ending pooler does; whoever does not ask for TLS is hung up on.
    """
    loop = asyncio.new_event_loop()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if await _asks_for_tls(reader, writer):
                await writer.start_tls(context)
                there, to = await asyncio.open_connection("127.0.0.1", server)
                await asyncio.gather(_copied(reader, to), _copied(there, writer))
        writer.close()

    listening = loop.run_until_complete(asyncio.start_server(served, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()


async def _asks_for_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    asked = await reader.readexactly(8)
    if asked == GSS_REQUEST:
        writer.write(b"N")
        asked = await reader.readexactly(8)
    if asked != SSL_REQUEST:
        return False
    writer.write(b"S")
    await writer.drain()
    return True


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await source.read(65536):
            target.write(block)
            await target.drain()
    target.close()
