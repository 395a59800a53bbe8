"""`python -m registry`: which models there are, what one is worth, and whether its files are whole."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from registry import approval, bundle, signoffs, store
from registry.approval import Author, Chain
from registry.model import Model

Name = Annotated[str, typer.Argument(help="a registered model, e.g. kidney_disease.detection")]
Version = Annotated[str, typer.Option("--version", help="a version number, or an alias: challenger, champion")]
Uri = Annotated[str, typer.Option("--tracking-uri", envvar="RISK_TRACKING_URI", help="where MLflow keeps its register")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for machines")]
Log = Annotated[Path, typer.Option("--log", envvar="RISK_SIGNOFFS", help="the chain of statements")]
Keys = Annotated[
    Path | None, typer.Option("--keys", envvar="RISK_TRUSTED_KEYS", help="public keys that count: ROLE/*.pem")
]
DEFAULT_URI = "sqlite:///work/mlflow.db"
DEFAULT_LOG = Path("work/signoffs.jsonl")

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(help="a pathway or a registered model; all if left out")] = None,
    uri: Uri = DEFAULT_URI,
    log: Log = DEFAULT_LOG,
    as_json: Json = False,
) -> None:
    """List the versions of a pathway's models, the newest first, and who signed, promoted or stopped which, when."""
    wanted = [each for each in store.names(uri) if name is None or each == name or each.startswith(f"{name}.")]
    found = [version for each in wanted for version in store.history(each, uri)]
    if name and not found:
        _fail(f"{name} was never registered here; `python -m training` registers the first version")
    statements = [each for each in signoffs.read(log) if each.model in wanted]
    if as_json:
        versions = [asdict(version) for version in found]
        typer.echo(json.dumps({"versions": versions, "statements": [asdict(each) for each in statements]}, default=str))
    else:
        console.print(_history_table(found))
        console.print(_statements_table(statements) if statements else "Nobody has signed, promoted or stopped any.")


@app.command()
def draft(
    name: Name,
    kind: Annotated[str, typer.Option(help="sign (vouch for it), promote (make it champion), lift (a suspension)")],
    role: Annotated[str, typer.Option(help="clinical_safety_officer or owner")],
    by: Annotated[str, typer.Option(help="your name, as it is to stand in the history")],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="your PUBLIC key in PEM")],
    out: Annotated[Path, typer.Option(help="a new folder for what is to be signed")],
    version: Version = store.CHALLENGER,
    conditions: Annotated[str, typer.Option(help="under what conditions, or why")] = "",
    days: Annotated[int, typer.Option(min=1, max=180, help="days until it runs out")] = signoffs.VALID_DAYS,
    uri: Uri = DEFAULT_URI,
) -> None:
    """Write a statement to be signed with your own key, elsewhere; and what to run for it."""
    if kind not in ("sign", "promote", "lift"):
        raise typer.BadParameter("--kind is sign, promote or lift; `python -m registry suspend` stops a model at once")
    try:
        author = Author(by, role, signoffs.fingerprint(signoffs.public_key(key)))
        made = approval.draft(kind, name, version, uri, author, date.today(), conditions, days)  # type: ignore[arg-type]
        out.mkdir(parents=True)
        (out / "statement.json").write_bytes(made.said())
        folder, _ = store.fetch(name, made.version, uri, out / "fetched")
    except (signoffs.NotSigned, store.NotRegistered, bundle.BundleRefused, FileExistsError) as error:
        _fail(str(error))
    console.print(_what_to_run(out, folder, kind), markup=False, highlight=False, soft_wrap=True)


@app.command()
def sign(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="the folder that `draft` wrote")],
    log: Log = DEFAULT_LOG,
    keys: Keys = None,
    uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """Check the signatures in a draft's folder and record the statement; a promotion makes the version champion."""
    try:
        statement = signoffs.of_bytes((folder / "statement.json").read_bytes())
        files = folder / "bundle.sig"
        of_files = files.read_text(encoding="utf-8") if files.is_file() else ""
        chain = Chain(log, signoffs.trusted_keys(keys))
        signature = (folder / "statement.sig").read_bytes()
        made = approval.record(statement, signature, of_files, uri, chain, date.today())
    except (OSError, signoffs.NotSigned, store.NotRegistered, bundle.BundleRefused) as error:
        _fail(str(error))
    _said(made, as_json)


@app.command()
def suspend(
    name: Name,
    why: Annotated[str, typer.Option(help="the reason, in a sentence")],
    by: Annotated[str, typer.Option(help="your name, as it is to stand in the history")],
    version: Annotated[
        str | None, typer.Option("--version", help="one version or alias; else each that a service may answer with")
    ] = None,
    log: Log = DEFAULT_LOG,
    uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """Stop a model from answering, at once and without a signature; a service sees it when it starts again."""
    versions = (version,) if version is not None else approval.answering(name, uri)
    if not versions:
        _fail(f"{name} has no version that a service may answer with; name one with --version")
    try:
        for each in versions:
            _said(approval.suspend(name, each, uri, Chain(log, {}), by, why, date.today()), as_json)
    except (signoffs.NotSigned, store.NotRegistered, bundle.BundleRefused) as error:
        _fail(str(error))


@app.command()
def audit(log: Log = DEFAULT_LOG, keys: Keys = None, uri: Uri = DEFAULT_URI, as_json: Json = False) -> None:
    """Check the chain of statements, every signature, and that each registered bundle is the one that was signed."""
    try:
        statements, trusted = signoffs.read(log), signoffs.trusted_keys(keys)
    except (ValueError, TypeError) as error:
        _fail(f"{log} cannot be read as a chain of statements ({type(error).__name__})")
    found = [*signoffs.faults(statements, trusted), *approval.changed_since(statements, uri)]
    if as_json:
        typer.echo(json.dumps({"statements": len(statements), "faults": found}))
    else:
        console.print(f"{len(statements)} statements", *(f"- {each}" for each in found), sep="\n", markup=False)
    raise typer.Exit(1 if found else 0)


@app.command()
def show(name: Name, version: Version = store.CHALLENGER, uri: Uri = DEFAULT_URI, as_json: Json = False) -> None:
    """Print the card of a version, after its seal, its trial and its examples have held."""
    model, number, digest = _fetched(name, version, uri)
    if as_json:
        typer.echo(json.dumps(_facts(model, number, digest)))
    else:
        console.print(f"{name}, version {number}, {model.kind}, digest {digest}\n")
        console.print(model.card, markup=False, highlight=False)


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="a registered model; or give --folder")] = None,
    version: Version = store.CHALLENGER,
    folder: Annotated[Path | None, typer.Option(help="a model's folder instead of a registered name")] = None,
    uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """Check that a model's files are whole and unaltered and that it still computes its examples."""
    if (name is None) == (folder is None):
        raise typer.BadParameter("give a registered name or --folder, one of the two")
    if folder is not None:
        model, number, digest = _loaded(folder), "", bundle.digest(folder)
    else:
        model, number, digest = _fetched(str(name), version, uri)
    if as_json:
        typer.echo(json.dumps({"verified": True} | _facts(model, number, digest)))
    else:
        console.print(f"{model.name} is whole: digest {digest}, {len(model.examples)} examples agree")


def _fetched(name: str, version: str, uri: str) -> tuple[Model, str, str]:
    with tempfile.TemporaryDirectory() as directory:
        try:
            folder, number = store.fetch(name, version, uri, Path(directory))
        except (store.NotRegistered, bundle.BundleRefused) as error:
            _fail(str(error))
        return _loaded(folder), number, bundle.digest(folder)


def _loaded(folder: Path) -> Model:
    try:
        return bundle.load(folder)
    except bundle.BundleRefused as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _facts(model: Model, number: str, digest: str) -> dict[str, Any]:
    return {
        "name": model.name,
        "version": number,
        "digest": digest,
        "kind": model.kind,
        "made_on": model.made_on.isoformat(),
        "trained_on": model.trained_on,
        "fingerprint": model.fingerprint,
        "predictors": [column.name for column in model.columns],
        "places": sorted(model.recalibration.places),
        "evidence": model.evidence,
    }


def _what_to_run(out: Path, folder: Path, kind: str) -> str:
    """What the author does outside this code, with a private key that it never sees."""
    lines = [f"Read {out / 'statement.json'} and the evidence in {folder}; then, with your private key:", ""]
    lines.append(f"  openssl dgst -sha256 -sign PRIVATE.pem -out {out / 'statement.sig'} {out / 'statement.json'}")
    if kind == "sign":
        signed = f"--private_key PRIVATE.pem --signature {out / 'bundle.sig'}"
        lines.append(f"  python -m model_signing sign key {folder} {signed}")
    return "\n".join([*lines, f"  python -m registry sign {out}"])


def _said(made: signoffs.Statement, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(made)))
    else:
        until = f", until {made.until}" if made.until else ""
        console.print(
            f"{made.kind}: {made.model} version {made.version}, {made.by} ({made.role}){until}", highlight=False
        )


def _statements_table(statements: list[signoffs.Statement]) -> Table:
    table = Table("on", "what", "model", "version", "by", "role", "evidence", "until", "conditions or reason")
    for one in statements:
        evidence = one.evidence[:12]
        table.add_row(one.on, one.kind, one.model, one.version, one.by, one.role, evidence, one.until, one.conditions)
    return table


def _history_table(found: list[store.Version]) -> Table:
    table = Table("model", "version", "alias", "gate", "registered", "kind", "c-statistic", "digest")
    for each in found:
        c_statistic = each.metrics.get("c_statistic")
        table.add_row(
            each.name,
            each.version,
            ", ".join(each.aliases),
            each.tags.get("gate", "not run"),
            f"{each.registered:%Y-%m-%d %H:%M}",
            each.tags.get("kind", ""),
            "" if c_statistic is None else f"{c_statistic:.3f}",
            each.digest[:12],
        )
    return table


if __name__ == "__main__":
    app()
