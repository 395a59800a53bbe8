"""Drafting and recording statements: what each needs before it joins the chain.

No private key comes near this code. A draft is a file of bytes; its author signs it elsewhere (`openssl dgst -sha256
-sign`), and the bundle's files with OpenSSF's own command (`model_signing sign key`); then the signatures are checked
and recorded. Only stopping a model needs no signature, as to stop is the safe side.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from registry import bundle, signoffs, store
from registry.model import Model
from registry.signoffs import VALID_DAYS, Kind, NotSigned, Statement

ROLES: Mapping[Kind, tuple[str, ...]] = {
    "sign": signoffs.SIGNERS,
    "promote": signoffs.SIGNERS,
    "suspend": signoffs.MAY_SUSPEND,
    "lift": signoffs.MAY_LIFT,
}


@dataclass(frozen=True)
class Chain:
    """Where statements are kept, and whose keys count for which role."""

    path: Path
    trusted: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Author:
    """Who makes a statement, in which role, and the fingerprint of the key with which it will be signed."""

    by: str
    role: str
    key: str = ""


def draft(
    kind: Kind,
    name: str,
    version: str,
    uri: str,
    author: Author,
    today: date,
    conditions: str = "",
    days: int = VALID_DAYS,
) -> Statement:
    """A statement to be signed. One that vouches leaves out of its scope every group that the gate could not tell of.

    Raises
    ------
    NotSigned
        If the role may not say this, or the model may not be vouched for; every reason is listed.
    """
    if author.role not in ROLES[kind]:
        raise NotSigned(f"a {author.role} may not {kind}; {' and '.join(ROLES[kind])} may")
    with _fetched(name, version, uri) as (folder, number, model):
        if kind in ("sign", "promote"):
            _refuse(f"{name} version {number}", list(_against(model)))
        statement = Statement(
            kind=kind,
            model=name,
            version=number,
            digest=bundle.digest(folder),
            evidence=signoffs.evidence_of(folder),
            role=author.role,
            by=author.by,
            on=today.isoformat(),
            conditions=conditions,
            key=author.key,
        )
        if kind != "sign":
            return statement
        until = signoffs.until_of(today, days).isoformat()
        return replace(statement, until=until, scope=model.evidence["gate"]["scope"])


def record(
    statement: Statement, signature: bytes, bundle_signature: str, uri: str, chain: Chain, today: date
) -> Statement:
    """Check a signed statement against the register and the deployer's keys, and add it to the chain.

    A promotion that holds makes the version the champion.

    Raises
    ------
    NotSigned
        If a signature does not hold, the model is not the one that was read, or it may not be promoted.
    """
    statement = replace(
        statement,
        signature=base64.b64encode(signature).decode(),
        bundle_signature=bundle_signature,
    )
    if statement.role not in ROLES[statement.kind]:
        raise NotSigned(f"a {statement.role} may not {statement.kind}; {' and '.join(ROLES[statement.kind])} may")
    if not signoffs.holds(statement, chain.trusted):
        raise NotSigned(f"no key that is trusted for {statement.role} signed these bytes")
    if statement.on != today.isoformat():
        raise NotSigned(f"the statement is of {statement.on}; draft it anew on the day on which it is signed")
    with _fetched(statement.model, statement.version, uri) as (folder, number, model):
        reasons = list(_changed(statement, folder))
        if statement.kind in ("sign", "promote"):
            reasons += _against(model)
        if statement.kind == "sign":
            reasons += [*_beyond(statement, model, today), *_unsigned_files(statement, folder, chain)]
        if statement.kind == "promote":
            reasons += _not_promotable(statement, folder, chain, today)
        _refuse(f"{statement.model} version {number}", reasons)
    made = signoffs.append(chain.path, statement)
    if statement.kind == "promote":
        store.point(statement.model, store.CHAMPION, statement.version, uri)
    return made


def answering(name: str, uri: str) -> tuple[str, ...]:
    """The versions that a service may answer with: whatever an alias points to."""
    found = []
    for alias in (store.CHAMPION, store.CHALLENGER, store.SHADOW):
        try:
            found.append(store.resolve(name, alias, uri))
        except store.NotRegistered:
            continue
    return tuple(dict.fromkeys(found))


def suspend(name: str, version: str, uri: str, chain: Chain, by: str, why: str, today: date) -> Statement:
    """Stop a version from answering, whatever it is used for, at once and without a signature.

    Raises
    ------
    NotSigned
        If no reason is given.
    """
    if len(why.split()) < 3:
        raise NotSigned("say why in a sentence, for whoever reads the history")
    statement = draft("suspend", name, version, uri, Author(by, "safety_reviewer"), today, why)
    return signoffs.append(chain.path, statement)


def changed_since(statements: Sequence[Statement], uri: str) -> Iterator[str]:
    """Statements about a version whose registered files are not, or no longer, those that it is about."""
    for number, one in enumerate(statements, 1):
        try:
            with _fetched(one.model, one.version, uri) as (folder, _, _):
                yield from (f"line {number}: {each}" for each in _changed(one, folder))
        except (store.NotRegistered, bundle.BundleRefused) as refused:
            yield f"line {number}: {str(refused).splitlines()[0]}"


@contextmanager
def _fetched(name: str, version: str, uri: str) -> Iterator[tuple[Path, str, Model]]:
    with tempfile.TemporaryDirectory() as directory:
        folder, number = store.fetch(name, version, uri, Path(directory))
        yield folder, number, bundle.load(folder)


def _refuse(what: str, reasons: list[str]) -> None:
    if reasons:
        raise NotSigned("\n".join([f"{what} is refused:", *(f"- {each}" for each in reasons)]))


def _against(model: Model) -> list[str]:
    """Why this model may not be used on anybody, whoever signs."""
    found = []
    gate = model.evidence.get("gate", {"verdict": "not run", "reasons": ["the gate was not run"]})
    if gate["verdict"] != "pass":
        found.append(f"the gate says {gate['verdict']}: {'; '.join(gate['reasons'])}")
    source = model.evidence.get("made_with", {}).get("source", {})
    if source.get("synthetic") is not False:
        told = "made-up people" if source.get("synthetic") else "records whose source is not known"
        found.append(f"it was taught by {told}, which prove machinery and never a clinical claim")
    return found


def _changed(statement: Statement, folder: Path) -> Iterator[str]:
    if statement.digest != bundle.digest(folder):
        yield "the registered files are not those of the statement"
    if statement.evidence != signoffs.evidence_of(folder):
        yield "the evidence is not the one that was read"


def _beyond(statement: Statement, model: Model, today: date) -> Iterator[str]:
    """A signature may be for less time and for fewer people than was drafted, never for more."""
    try:
        until = date.fromisoformat(statement.until)
    except ValueError:
        until = date.max
    if not today <= until <= signoffs.until_of(today):
        yield f"it is to count until {statement.until or 'no day'}; {VALID_DAYS} days at most from the day of signing"
    asked = statement.scope.get("not_for", {})
    for axis, levels in model.evidence.get("gate", {}).get("scope", {}).get("not_for", {}).items():
        lacking = [level for level in levels if level not in asked.get(axis, ())]
        if lacking:
            yield f"its scope does not leave out {axis} {', '.join(lacking)}, which the gate could not tell of"


def _unsigned_files(statement: Statement, folder: Path, chain: Chain) -> list[str]:
    key = chain.trusted[statement.role][statement.key]
    if signoffs.bundle_holds(folder, statement.bundle_signature, key):
        return []
    return ["OpenSSF's verifier does not find the bundle's files signed by this key"]


def _not_promotable(statement: Statement, folder: Path, chain: Chain, today: date) -> Iterator[str]:
    """Both signatures in force, on these files, and nobody stopped it."""
    statements = signoffs.read(chain.path)
    found = signoffs.standing(statements, chain.trusted, statement.model, statement.digest, today)
    if found.why_not:
        yield found.why_not
    if found.suspended:
        yield f"it is suspended: {found.suspended}"
    for one in statements:
        mine = one.kind == "sign" and one.digest == statement.digest and signoffs.holds(one, chain.trusted)
        if mine and _unsigned_files(one, folder, chain):
            yield f"the files are not those that {one.by} signed"
