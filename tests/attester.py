"""A maker of security keys, made up: its root, and certificates that vouch for a model truly or not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from authmethods.attestation import AAGUID_EXTENSION, OCTET_STRING_OF_16, UNIT
from tests.softkey import ES256, Json, PrivateKey, sign

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def _name(common: str, unit: str) -> x509.Name:
    parts = {
        NameOID.COUNTRY_NAME: "SE",
        NameOID.ORGANIZATION_NAME: "Test keys",
        NameOID.ORGANIZATIONAL_UNIT_NAME: unit,
        NameOID.COMMON_NAME: common,
    }
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


class Maker:
    """An authority with a root certificate."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Root", "Roots")
        certificate = self.builder(self.name, self.key.public_key(), 3650)
        certificate = certificate.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.root = certificate.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def builder(self, subject: x509.Name, public: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(MADE)
            .not_valid_after(MADE + timedelta(days=days))
        )


class Attester:
    """The attestation key inside the keys of one model. ``says``: the model its certificate names (None: none)."""

    def __init__(
        self, maker: Maker, says: UUID | None, *, days: int = 3650, unit: str = UNIT, is_authority: bool = False
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        builder = maker.builder(_name("Attestation", unit), self.key.public_key(), days)
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        if says is not None:
            value = OCTET_STRING_OF_16 + says.bytes
            builder = builder.add_extension(x509.UnrecognizedExtension(AAGUID_EXTENSION, value), critical=False)
        self.certificate = builder.sign(maker.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def attest(self, message: bytes, key: PrivateKey) -> tuple[str, Json]:  # noqa: ARG002  the passkey has no say
        return "packed", {"alg": ES256, "sig": sign(self.key, message), "x5c": [self.certificate]}


class OfItself:
    """A key that vouches for itself."""

    def attest(self, message: bytes, key: PrivateKey) -> tuple[str, Json]:
        return "packed", {"alg": ES256, "sig": sign(key, message)}
