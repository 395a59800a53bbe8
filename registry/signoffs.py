"""Who vouches for a model, for whom, until when: an append-only chain of signed statements.

A statement is signed with the signer's own elliptic key, over its canonical JSON, and outside this code; a sign-off
also holds an OpenSSF model signature over the files of the bundle, so that a verifier that is not ours can check them.
Which public keys count for which role is a folder of the deployer: `ROLE/*.pem`. Without it nobody's signature counts.

The chain is a file of JSON lines beside the register, not a table of MLflow: whoever may edit the register may edit its
tags, while a line here that changes, moves or goes breaks every seal after it.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Kind = Literal["sign", "promote", "suspend", "lift"]
SIGNERS = ("clinical_safety_officer", "owner")
"""Both must sign, each with a key of their own, before a model may be the champion."""
MAY_SUSPEND = (*SIGNERS, "safety_reviewer")
MAY_LIFT = ("clinical_safety_officer",)
VALID_DAYS, NOTICE_DAYS = 180, 30
FIRST = "0" * 64
BROKEN = "the chain of statements is broken"


class NotSigned(ValueError):
    """A statement that may not be made, or does not hold; the message lists why."""


@dataclass(frozen=True)
class Statement:
    """One line of the chain. `evidence` is the SHA-256 of the evidence that was read; days are written YYYY-MM-DD."""

    kind: Kind
    model: str
    version: str
    digest: str
    evidence: str
    role: str
    by: str
    on: str
    until: str = ""
    scope: Mapping[str, Any] = field(default_factory=dict)
    conditions: str = ""
    key: str = ""
    signature: str = ""
    bundle_signature: str = ""
    previous: str = FIRST
    seal: str = ""

    def said(self) -> bytes:
        """What is signed: all but the signatures and the place in the chain, in one form."""
        return _canonical({name: value for name, value in asdict(self).items() if name not in _NOT_SAID})


_NOT_SAID = ("signature", "bundle_signature", "previous", "seal")


@dataclass(frozen=True)
class Standing:
    """How a model stands on a day: signed until when and for whom not, or why not; suspended and why."""

    until: date | None
    scope: Mapping[str, Any]
    why_not: str = ""
    suspended: str = ""


def append(path: Path, statement: Statement) -> Statement:
    """Add a statement at the end of the chain, under a lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        lines = file.read().splitlines()
        previous = json.loads(lines[-1])["seal"] if lines else FIRST
        chained = replace(statement, previous=previous)
        chained = replace(chained, seal=_seal(chained))
        file.write(json.dumps(asdict(chained), sort_keys=True) + "\n")
        file.flush()
    return chained


def of_bytes(said: bytes) -> Statement:
    """The statement that these bytes say.

    Raises
    ------
    NotSigned
        If they are not a statement in its one form.
    """
    try:
        found = Statement(**json.loads(said))
    except (ValueError, TypeError) as error:
        raise NotSigned("this is no statement; `python -m registry draft` writes one") from error
    if found.said() != said:
        raise NotSigned("the statement was changed after it was drafted")
    return found


def public_key(path: Path) -> Any:
    """A public key of an elliptic curve, from PEM."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except ValueError as error:
        raise NotSigned(f"{path.name} is not a public key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise NotSigned(f"{path.name} is not of an elliptic curve, which OpenSSF model signing needs")
    return key


def read(path: Path) -> tuple[Statement, ...]:
    """Every statement, the first first; none where there is no chain.

    Raises
    ------
    NotSigned
        If a line is no statement.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    try:
        return tuple(Statement(**json.loads(line)) for line in lines)
    except (ValueError, TypeError) as error:
        raise NotSigned(f"a line of the chain of statements is no statement ({type(error).__name__})") from error


def faults(statements: Sequence[Statement], trusted: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with a chain: lines altered or gone, and signatures that do not hold; a suspension needs none."""
    yield from broken(statements)
    for number, one in enumerate(statements, 1):
        if one.kind != "suspend" and not holds(one, trusted):
            yield f"line {number} bears no signature of a key that is trusted for {one.role}"


def broken(statements: Sequence[Statement]) -> Iterator[str]:
    """Lines that were altered, moved or taken away. Whoever cuts the end off is found by a seal noted elsewhere."""
    previous = FIRST
    for number, one in enumerate(statements, 1):
        if one.previous != previous:
            yield f"line {number} does not follow the one before it"
        if one.seal != _seal(one):
            yield f"line {number} was altered"
        previous = one.seal


def trusted_keys(folder: Path | None) -> dict[str, dict[str, Any]]:
    """The public keys that count, by role and fingerprint; none without a folder."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*/*.pem")) if folder is not None else ():
        key = public_key(file)
        found.setdefault(file.parent.name, {})[fingerprint(key)] = key
    return found


def holds(one: Statement, trusted: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a key that is trusted for the role of a statement signed it."""
    key = trusted.get(one.role, {}).get(one.key)
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(one.signature), one.said(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def standing(
    statements: Sequence[Statement], trusted: Mapping[str, Mapping[str, Any]], model: str, digest: str, today: date
) -> Standing:
    """How the model of this name and digest stands today.

    A suspension counts without a signature that holds: to stop is the safe side. Only a lift that holds ends it. Of a
    chain that is broken nothing counts, and the model is stopped: the line that is gone may have stopped it.
    """
    faults_found = list(broken(statements))
    if faults_found:
        return Standing(None, {}, BROKEN, f"{BROKEN}: {faults_found[0]}")
    mine = [one for one in statements if (one.model, one.digest) == (model, digest)]
    suspended = ""
    for one in mine:
        if one.kind == "suspend":
            suspended = one.conditions or "no reason was given"
        if one.kind == "lift" and one.role in MAY_LIFT and holds(one, trusted):
            suspended = ""
    valid = {
        one.role: one
        for one in mine
        if one.kind == "sign" and one.role in SIGNERS and _in_force(one, today) and holds(one, trusted)
    }
    lacking = [role.replace("_", " ") for role in SIGNERS if role not in valid]
    if lacking:
        return Standing(None, {}, f"no signature in force of the {' and the '.join(lacking)}", suspended)
    if len({one.key for one in valid.values()}) < len(SIGNERS):
        return Standing(None, {}, "one key signed in both roles", suspended)
    until = min(date.fromisoformat(one.until) for one in valid.values())
    return Standing(until, _narrowest([one.scope for one in valid.values()]), "", suspended)


def evidence_of(folder: Path) -> str:
    """The SHA-256 of a bundle's evidence."""
    return hashlib.sha256((folder / "evidence.json").read_bytes()).hexdigest()


def until_of(on: date, days: int = VALID_DAYS) -> date:
    """The last day on which a signature of a day counts."""
    return on + timedelta(days=days)


def fingerprint(key: Any) -> str:
    """The SHA-256 of a public key, by which it is named."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def bundle_holds(bundle: Path, signature: str, public_key: Any) -> bool:
    """Whether the OpenSSF verifier finds the bundle's files whole, none missing and none added, by this key."""
    from model_signing import verifying

    with tempfile.TemporaryDirectory() as directory:
        key, signed_by = Path(directory) / "key.pem", Path(directory) / "signature"
        key.write_bytes(
            public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        signed_by.write_text(signature, encoding="utf-8")
        try:
            config = verifying.Config()  # type: ignore[no-untyped-call]
            config.use_elliptic_key_verifier(public_key=key).verify(bundle, signed_by)
        except Exception:  # whatever the verifier raises, the files are not what was signed
            return False
    return True


def _in_force(one: Statement, today: date) -> bool:
    return date.fromisoformat(one.on) <= today <= date.fromisoformat(one.until)


def _narrowest(scopes: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Whatever any signer left out is left out."""
    left: dict[str, list[str]] = {}
    for scope in scopes:
        for axis, levels in scope.get("not_for", {}).items():
            left[axis] = sorted({*left.get(axis, []), *levels})
    return left


def _seal(one: Statement) -> str:
    return hashlib.sha256(
        _canonical({name: value for name, value in asdict(one).items() if name != "seal"})
    ).hexdigest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
