"""`python -m registry`: which models there are, what one is worth, and whether its files are whole."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from registry import bundle, store
from registry.model import Model

Name = Annotated[str, typer.Argument(help="a registered model, e.g. kidney_disease.detection")]
Version = Annotated[str, typer.Option("--version", help="a version number, or an alias: challenger, champion")]
Uri = Annotated[str, typer.Option("--tracking-uri", envvar="RISK_TRACKING_URI", help="where MLflow keeps its register")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for machines")]
DEFAULT_URI = "sqlite:///work/mlflow.db"

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(help="a registered model; all if left out")] = None,
    uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """List the versions of a model, or of all models, the newest first."""
    found = [version for each in ([name] if name else store.names(uri)) for version in store.history(each, uri)]
    if name and not found:
        _fail(f"{name} was never registered here; `python -m training` registers the first version")
    if as_json:
        typer.echo(json.dumps([asdict(version) for version in found], default=str))
    else:
        console.print(_history_table(found))


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


def _history_table(found: list[store.Version]) -> Table:
    table = Table("model", "version", "alias", "registered", "kind", "c-statistic", "digest")
    for each in found:
        c_statistic = each.metrics.get("c_statistic")
        table.add_row(
            each.name,
            each.version,
            ", ".join(each.aliases),
            f"{each.registered:%Y-%m-%d %H:%M}",
            each.tags.get("kind", ""),
            "" if c_statistic is None else f"{c_statistic:.3f}",
            each.digest[:12],
        )
    return table


if __name__ == "__main__":
    app()
