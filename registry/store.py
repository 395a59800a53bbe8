"""Versions of models in MLflow: the only module that speaks MLflow.

MLflow keeps a version's folder as plain files: `bundle/` is the sealed model, `MLmodel` says in MLflow's own words what
lies in it. Trees are in MLflow's native LightGBM flavour, which needs no pickle; curves are files that only we read.
Nothing here runs code from the registry, and nothing here can sign a model for clinical use.
"""

from __future__ import annotations

import logging
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from registry import bundle
from registry.model import Model

# Before MLflow is imported, which is inside the functions below because it takes three seconds.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"

CHALLENGER, CHAMPION, SHADOW = "challenger", "champion", "shadow"
SEALED = "bundle"


class NoPlaceForFiles(ValueError):
    """A register that is neither a file nor a server of MLflow's, and nothing says where its files go."""


class NotRegistered(LookupError):
    """A model, version or alias that the registry does not hold."""


class LeakageFound(ValueError):
    """A model that knew what nobody could know: it is not registered."""


@dataclass(frozen=True)
class Version:
    """One registered version: who it is (tags), what it scored (metrics) and which aliases point to it."""

    name: str
    version: str
    aliases: tuple[str, ...]
    registered: datetime
    digest: str
    tags: Mapping[str, str]
    metrics: Mapping[str, float]


def register(
    folder: Path,
    name: str,
    uri: str,
    *,
    metrics: Mapping[str, float],
    params: Mapping[str, str],
    tags: Mapping[str, str],
    files_at: str = "",
) -> str:
    """Register the model in `folder` as the newest version of `name` and as its challenger; return the version.

    `files_at` is the folder or bucket of the files of every model, a URI; beside the database if it is not given.

    Raises
    ------
    NoPlaceForFiles
        If the register needs to be told where files go, and was not.
    LeakageFound
        If the leakage certificate in its evidence is a breach.
    """
    model = bundle.load(folder)
    _refuse_leakage(model, name)
    tags = dict(tags) | {"digest": bundle.digest(folder), "kind": model.kind, "fingerprint": model.fingerprint}
    client = _client(uri)
    with _run(client, _experiment(client, name, uri, files_at), name) as run_id:
        _log_aggregates(client, run_id, metrics, params, tags)
        source = _log_folder(client, run_id, folder, model.kind, name)
        _create_name(client, name)
        version = client.create_model_version(name, source=source, run_id=run_id, tags=tags).version
    client.set_registered_model_alias(name, CHALLENGER, version)
    return str(version)


def _refuse_leakage(model: Model, name: str) -> None:
    certificate = model.evidence.get("leakage", {})
    if certificate.get("state") == "breach":
        found = [check["says"] for check in certificate["checks"] if check["state"] == "breach"]
        raise LeakageFound(
            f"{name} is not registered, because its leakage certificate is a breach:\n"
            + "\n".join(f"- {each}" for each in found)
            + "\nMend the definition, or declare there with `strong_because` why a predictor may be so strong."
        )


def fetch(name: str, alias_or_version: str, uri: str, into: Path) -> tuple[Path, str]:
    """Copy a version's sealed folder below `into`; return the folder, whose seal has been verified, and the version."""
    from mlflow.artifacts import download_artifacts

    client = _client(uri)
    version = _found(client, name, alias_or_version)
    target = into / name / str(version.version)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    source = client.get_model_version_download_uri(name, version.version)
    download_artifacts(artifact_uri=f"{source}/{SEALED}", dst_path=str(target), tracking_uri=uri)
    bundle.verify(target / SEALED)
    return target / SEALED, str(version.version)


def resolve(name: str, alias_or_version: str, uri: str) -> str:
    """The version that an alias points to now: cheap, for asking again and again."""
    return str(_found(_client(uri), name, alias_or_version).version)


def history(name: str, uri: str) -> tuple[Version, ...]:
    """All versions of a model, the newest first; none if it was never registered."""
    client = _client(uri)
    found = client.search_model_versions(f"name='{name}'")
    aliases = client.get_registered_model(name).aliases if found else {}
    versions = [_version(client, version, aliases) for version in found]
    return tuple(sorted(versions, key=lambda version: -int(version.version)))


def point(name: str, alias: str, version: str, uri: str) -> None:
    """Let an alias point to a version."""
    _client(uri).set_registered_model_alias(name, alias, version)


def names(uri: str) -> tuple[str, ...]:
    """The models that have a version, in order of name."""
    return tuple(sorted(model.name for model in _client(uri).search_registered_models()))


def _client(uri: str) -> Any:
    from mlflow import MlflowClient

    for chatty in ("mlflow", "alembic"):  # both tell every step of making an empty database
        logging.getLogger(chatty).setLevel(logging.WARNING)
    database = _database(uri)
    if database is not None:
        database.parent.mkdir(parents=True, exist_ok=True)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _database(uri: str) -> Path | None:
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def _experiment(client: Any, name: str, uri: str, files_at: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_location=_place_of_files(name, uri, files_at)))


def _place_of_files(name: str, uri: str, files_at: str) -> str | None:
    """Where the files of a model's versions go; None where MLflow's own server says.

    Without a word MLflow would put them into the folder from which the command happened to be started.
    """
    database = _database(uri)
    if files_at:
        return f"{files_at.rstrip('/')}/{name}"
    if database is not None:
        return (database.parent.resolve() / "artifacts" / name).as_uri()
    if uri.startswith(("http://", "https://")):
        return None
    raise NoPlaceForFiles(
        f"RISK_FILES_AT is not set: a register in {uri.partition(':')[0]} needs to know where files go, "
        "for example s3://bucket/risk or file:///srv/risk"
    )


@contextmanager
def _run(client: Any, experiment: str, name: str) -> Iterator[str]:
    run_id = client.create_run(experiment, run_name=name).info.run_id
    try:
        yield run_id
    except BaseException:
        client.set_terminated(run_id, status="FAILED")
        raise
    client.set_terminated(run_id)


def _log_aggregates(
    client: Any, run_id: str, metrics: Mapping[str, float], params: Mapping[str, str], tags: Mapping[str, str]
) -> None:
    from mlflow.entities import Metric, Param, RunTag

    now = int(datetime.now(UTC).timestamp() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(key, value, now, 0) for key, value in metrics.items()],
        params=[Param(key, str(value)) for key, value in params.items()],
        tags=[RunTag(key, str(value)) for key, value in tags.items()],
    )


def _log_folder(client: Any, run_id: str, folder: Path, kind: str, name: str) -> str:
    experiment = client.get_run(run_id).info.experiment_id
    logged = client.create_logged_model(experiment, name=name.replace(".", "_"), source_run_id=run_id)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        shutil.copytree(folder, root / SEALED)
        _describe(root, kind, run_id, logged.model_id)
        client.log_model_artifacts(logged.model_id, str(root))
    client.finalize_logged_model(logged.model_id, "READY")
    # Not "models:/<id>": MLflow would look that up in its process-wide tracking store instead of this client's.
    return str(logged.artifact_location)


def _describe(root: Path, kind: str, run_id: str, model_id: str) -> None:
    from mlflow.models import Model

    described = Model(run_id=run_id, model_id=model_id)
    if kind == "lightgbm":
        _describe_trees(root, described)
    else:
        described.add_flavor("additive_curves", data=f"{SEALED}/model.json")
    described.save(root / "MLmodel")


def _describe_trees(root: Path, described: Any) -> None:
    import lightgbm

    # A copy beside MLmodel, because MLflow's loader looks for MLmodel in the folder of the text. We never read it.
    text, environment = "model.lgb", "python_env.yaml"
    shutil.copyfile(root / SEALED / "model.txt", root / text)
    (root / "requirements.txt").write_text(f"lightgbm=={lightgbm.__version__}\n", encoding="utf-8")
    (root / environment).write_text("dependencies:\n- -r requirements.txt\n", encoding="utf-8")
    described.add_flavor("lightgbm", lgb_version=lightgbm.__version__, data=text, model_class="lightgbm.basic.Booster")
    # Both loaders are MLflow's own; `mlflow models serve` wants this one.
    described.add_flavor(
        "python_function",
        loader_module="mlflow.lightgbm",
        python_version=platform.python_version(),
        data=text,
        env={"virtualenv": environment},
    )


def _create_name(client: Any, name: str) -> None:
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)


def _found(client: Any, name: str, alias_or_version: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        if alias_or_version.isdigit():
            return client.get_model_version(name, alias_or_version)
        return client.get_model_version_by_alias(name, alias_or_version)
    except MlflowException as error:
        raise NotRegistered(
            f"{name} has no version or alias {alias_or_version!r} in this registry; "
            "`python -m registry history` lists what there is, `python -m training` makes the first"
        ) from error


def _version(client: Any, version: Any, aliases: Mapping[str, str]) -> Version:
    return Version(
        name=version.name,
        version=str(version.version),
        aliases=tuple(sorted(alias for alias, number in aliases.items() if str(number) == str(version.version))),
        registered=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
        digest=version.tags.get("digest", ""),
        tags=dict(version.tags),
        metrics=dict(client.get_run(version.run_id).data.metrics) if version.run_id else {},
    )
