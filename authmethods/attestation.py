"""Does an authenticator prove which model it is? Pure: what is known of the model and the time are arguments.

py_webauthn has checked that the statement's certificate signed the ceremony; here it is judged whose certificate that is
(WebAuthn L3 §7.1 steps 22 to 24, §8.2.1; FIDO Metadata Service §3.2).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID, ObjectIdentifier
from OpenSSL import crypto

from authmethods.authenticators import Authenticator
from authmethods.enums import AttestationProblem

AAGUID_EXTENSION = ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")  # id-fido-gen-ce-aaguid
OCTET_STRING_OF_16 = b"\x04\x10"
UNIT = "Authenticator Attestation"
MOST_CERTIFICATES = 10
# What parsing a stranger's bytes may raise, in the libraries below py_webauthn.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    UnsupportedAlgorithm,
    crypto.Error,
    struct.error,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True)
class Statement:
    """What an authenticator handed in: the format, and the certificates (DER), its own first."""

    format: str
    certificates: Sequence[bytes] = ()


def attestation_problem(
    statement: Statement, *, aaguid: UUID, known: Authenticator | None, now: datetime
) -> AttestationProblem | None:
    """Say why a verified statement does not prove that the key is of the model ``known``, or None where it does."""
    if statement.format == "none":
        return AttestationProblem.MISSING
    if not statement.certificates:
        return AttestationProblem.WITHOUT_CERTIFICATE
    if known is None or known.aaguid != aaguid:
        return AttestationProblem.MODEL_UNKNOWN
    if known.is_revoked:
        return AttestationProblem.MODEL_REVOKED
    return _certificate_problem(statement, aaguid) or _chain_problem(statement.certificates, known.roots, now)


def _certificate_problem(statement: Statement, aaguid: UUID) -> AttestationProblem | None:
    """Judge the authenticator's own certificate. The form of "packed" ones is prescribed (WebAuthn L3 §8.2.1)."""
    try:
        certificate = x509.load_der_x509_certificate(statement.certificates[0])
        if statement.format == "packed" and not _is_packed_form(certificate):
            return AttestationProblem.CERTIFICATE_MALFORMED
        said = certificate.extensions.get_extension_for_oid(AAGUID_EXTENSION)
    except x509.ExtensionNotFound:
        return None
    except MALFORMED:
        return AttestationProblem.CERTIFICATE_MALFORMED
    value = said.value
    is_same = isinstance(value, x509.UnrecognizedExtension) and value.value == OCTET_STRING_OF_16 + aaguid.bytes
    return None if is_same and not said.critical else AttestationProblem.OTHER_MODEL


def _is_packed_form(certificate: x509.Certificate) -> bool:
    units = [one.value for one in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    try:
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    return certificate.version is x509.Version.v3 and UNIT in units and not is_authority


def _chain_problem(certificates: Sequence[bytes], roots: Sequence[bytes], now: datetime) -> AttestationProblem | None:
    """Follow the chain to one of the roots, each certificate within its time.

    A root may be a certificate below the maker's own root, or the authenticator's itself (FIDO Metadata Statement §4).
    """
    if len(certificates) > MOST_CERTIFICATES:
        return AttestationProblem.UNTRUSTED
    try:
        own, *between = [crypto.load_certificate(crypto.FILETYPE_ASN1, one) for one in certificates]
        crypto.X509StoreContext(_store(roots, now), own, chain=between).verify_certificate()
    except (crypto.X509StoreContextError, *MALFORMED):
        return AttestationProblem.UNTRUSTED
    return None


def _store(roots: Sequence[bytes], now: datetime) -> crypto.X509Store:
    store = crypto.X509Store()
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    store.set_time(now.astimezone(UTC))
    for root in roots:
        try:
            store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, root))
        except crypto.Error:
            continue  # the list holds a few that are no certificates
    return store
