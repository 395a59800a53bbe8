"""Who vouches for a model: two people with keys of their own, on the evidence that they read, until it runs out.

Keys are made and statements signed by OpenSSL and OpenSSF's model signing, as a signer would; our code never sees a
private key.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from model_signing import signing
from typer.testing import CliRunner

from registry import approval, bundle, signoffs, store
from registry.__main__ import app
from registry.approval import Author, Chain
from registry.signoffs import NotSigned

NAME = "kidney_disease.detection"
TODAY = date(2026, 11, 26)
OFFICER, OWNER = "clinical_safety_officer", "owner"
GOOD = {
    "gate": {"verdict": "pass", "reasons": [], "scope": {"not_for": {"deprivation": ["5"]}}},
    "made_with": {"source": {"name": "Our own records", "synthetic": False}},
}


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """The private keys of an officer, an owner and a stranger, and the deployer's folder of public keys."""
    folder = tmp_path_factory.mktemp("keys")
    for who in (OFFICER, OWNER, "stranger"):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / f"{who}.pem")
        trusted = folder / "trusted" / who
        trusted.mkdir(parents=True)
        openssl("ec", "-in", folder / f"{who}.pem", "-pubout", "-out", trusted / "theirs.pem")
    shutil.move(folder / "trusted/stranger/theirs.pem", folder / "stranger.pub.pem")
    (folder / "trusted/stranger").rmdir()
    return folder


@pytest.fixture(scope="module")
def trusted(keys):
    return signoffs.trusted_keys(keys / "trusted")


@pytest.fixture(scope="module")
def registered(models, tmp_path_factory):
    """A register with a model that may be signed (1), one that the gate refused (2), one of made-up people (3)."""
    home = tmp_path_factory.mktemp("register")
    uri = f"sqlite:///{home}/mlflow.db"
    refused = GOOD | {"gate": {"verdict": "refuse", "reasons": ["slope (region North): 0.5"], "scope": {}}}
    made_up = GOOD | {"made_with": {"source": {"name": "Synthetic London", "synthetic": True}}}
    for number, evidence in enumerate((GOOD, refused, made_up), 1):
        folder = home / str(number)
        bundle.save(replace(models["lightgbm"], evidence=evidence), folder)
        store.register(folder, NAME, uri, metrics={}, params={}, tags={})
    return uri


@pytest.fixture
def chain(tmp_path, trusted):
    return Chain(tmp_path / "signoffs.jsonl", trusted)


def public(keys, who):
    place = keys / "stranger.pub.pem" if who == "stranger" else keys / "trusted" / who / "theirs.pem"
    return signoffs.fingerprint(signoffs.public_key(place))


@pytest.fixture
def say(keys, registered, chain, tmp_path):
    """Draft, sign with OpenSSL and OpenSSF's command, and record."""

    def said(kind, role, key=None, version="1", on=TODAY, today=None, days=180, change=lambda path: None):
        author = Author(f"Dr {role}", role, public(keys, key or role))
        made = approval.draft(kind, NAME, version, registered, author, on, "Under review.", days)
        work = tmp_path / f"{kind}-{role}-{len(list(tmp_path.iterdir()))}"
        work.mkdir()
        (work / "statement.json").write_bytes(made.said())
        private = keys / f"{key or role}.pem"
        openssl("dgst", "-sha256", "-sign", private, "-out", work / "statement.sig", work / "statement.json")
        of_files = ""
        if kind == "sign":
            folder, _ = store.fetch(NAME, version, registered, work / "fetched")
            change(folder)
            signing.Config().use_elliptic_key_signer(private_key=private).sign(folder, work / "bundle.sig")
            of_files = (work / "bundle.sig").read_text()
        statement = signoffs.of_bytes((work / "statement.json").read_bytes())
        signature = (work / "statement.sig").read_bytes()
        return approval.record(statement, signature, of_files, registered, chain, today or on)

    return said


def stands(chain, registered, tmp_path, today=TODAY, version="1"):
    folder, _ = store.fetch(NAME, version, registered, tmp_path / "asked")
    return signoffs.standing(signoffs.read(chain.path), chain.trusted, NAME, bundle.digest(folder), today)


def test_two_signatures_and_a_promotion_make_a_champion(say, chain, registered, tmp_path):
    say("sign", OFFICER)
    say("sign", OWNER, days=90)
    say("promote", OWNER)

    found = stands(chain, registered, tmp_path)
    assert store.resolve(NAME, store.CHAMPION, registered) == "1"
    assert found.until == TODAY + timedelta(days=90)  # the earlier of the two
    assert found.scope == {"deprivation": ["5"]}  # what the gate could not tell of
    assert list(signoffs.faults(signoffs.read(chain.path), chain.trusted)) == []


def test_one_signature_is_not_enough(say, chain, registered, tmp_path):
    say("sign", OFFICER)

    assert stands(chain, registered, tmp_path).why_not == "no signature in force of the owner"
    with pytest.raises(NotSigned, match="no signature in force of the owner"):
        say("promote", OWNER)


def test_a_signature_counts_to_its_last_day_and_not_after(say, chain, registered, tmp_path):
    say("sign", OFFICER)
    say("sign", OWNER)
    last = TODAY + timedelta(days=180)

    assert stands(chain, registered, tmp_path, last).until == last
    assert stands(chain, registered, tmp_path, last + timedelta(days=1)).until is None


def test_a_key_that_the_deployer_does_not_trust_signs_nothing(say, chain):
    with pytest.raises(NotSigned, match="no key that is trusted for owner"):
        say("sign", OWNER, key="stranger")
    with pytest.raises(NotSigned, match="no key that is trusted for owner"):
        say("sign", OWNER, key=OFFICER)  # trusted, for another role
    assert signoffs.read(chain.path) == ()


def test_where_no_keys_are_named_nobody_is_trusted():
    assert signoffs.trusted_keys(None) == {}


@pytest.mark.parametrize(
    ("version", "why"),
    [("2", "the gate says refuse: slope .region North.: 0.5"), ("3", "taught by made-up people")],
)
def test_what_the_gate_refused_and_what_made_up_people_taught_cannot_be_signed(say, version, why):
    with pytest.raises(NotSigned, match=why):
        say("sign", OFFICER, version=version)


def test_a_safety_reviewer_does_not_sign_and_an_owner_does_not_lift(say):
    with pytest.raises(NotSigned, match="a safety_reviewer may not sign"):
        say("sign", "safety_reviewer", key=OWNER)
    with pytest.raises(NotSigned, match="a owner may not lift"):
        say("lift", OWNER)


def add_a_file(folder):
    (folder / "evil.py").write_text("print('hello')\n")


def change_a_file(folder):
    (folder / "card.md").write_text("# Another card\n")


def cut_a_file(folder):
    text = (folder / "model.txt").read_text()
    (folder / "model.txt").write_text(text[: len(text) // 2])


@pytest.mark.parametrize("change", [add_a_file, change_a_file, cut_a_file])
def test_files_other_than_the_registered_ones_signed_are_refused(say, change):
    with pytest.raises(NotSigned, match="does not find the bundle's files signed by this key"):
        say("sign", OFFICER, change=change)


@pytest.mark.parametrize("change", [add_a_file, change_a_file, cut_a_file])
def test_the_independent_verifier_and_ours_refuse_files_that_were_changed_after_signing(
    say, chain, registered, tmp_path, keys, change
):
    made = say("sign", OFFICER)
    folder, _ = store.fetch(NAME, "1", registered, tmp_path / "fetched")
    key = chain.trusted[OFFICER][made.key]
    assert signoffs.bundle_holds(folder, made.bundle_signature, key)

    change(folder)
    (tmp_path / "sig").write_text(made.bundle_signature)
    command = [sys.executable, "-m", "model_signing", "verify", "key", folder, "--signature", tmp_path / "sig"]
    command += ["--public_key", keys / "trusted" / OFFICER / "theirs.pem"]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0
    assert not signoffs.bundle_holds(folder, made.bundle_signature, key)
    with pytest.raises(bundle.BundleRefused):
        bundle.load(folder)


def test_a_statement_that_was_changed_after_drafting_or_signed_on_another_day_is_refused(say):
    with pytest.raises(NotSigned, match="changed after it was drafted"):
        signoffs.of_bytes(b'{"kind": "sign"}'[:-1] + b', "model": "m", "version": "1", "digest": "", "evidence": "",'
                          b' "role": "owner", "by": "x", "on": "2026-01-01"}')  # fmt: skip
    with pytest.raises(NotSigned, match="draft it anew"):
        say("sign", OFFICER, today=TODAY + timedelta(days=1))


def test_anybody_stops_a_model_at_once_and_only_the_officer_lets_it_answer_again(say, chain, registered, tmp_path):
    say("sign", OFFICER)
    say("sign", OWNER)
    approval.suspend(NAME, "1", registered, chain, "Dr Jones", "Wrong mapping of codes found.", TODAY)

    assert stands(chain, registered, tmp_path).suspended == "Wrong mapping of codes found."
    with pytest.raises(NotSigned, match="it is suspended: Wrong mapping"):
        say("promote", OWNER)
    say("lift", OFFICER)
    assert stands(chain, registered, tmp_path).suspended == ""


def test_a_suspension_gives_a_reason(registered, chain):
    with pytest.raises(NotSigned, match="say why in a sentence"):
        approval.suspend(NAME, "1", registered, chain, "Dr Jones", "stop", TODAY)


def test_a_line_that_changes_moves_or_goes_breaks_the_chain(say, chain):
    for role in (OFFICER, OWNER):
        say("sign", role)
    say("promote", OWNER)
    lines = chain.path.read_text().splitlines()

    def faults(kept):
        chain.path.write_text("".join(f"{line}\n" for line in kept))
        return list(signoffs.faults(signoffs.read(chain.path), chain.trusted))

    assert faults(lines) == []
    assert any("line 2 does not follow" in each for each in faults([lines[0], lines[2]]))
    assert any("line 1 does not follow" in each for each in faults(lines[1:]))
    altered = json.loads(lines[1]) | {"until": "2030-01-01"}
    found = faults([lines[0], json.dumps(altered), lines[2]])
    assert "line 2 was altered" in found
    assert "line 2 bears no signature of a key that is trusted for owner" in found


def test_a_line_taken_out_stops_the_model_for_it_may_have_stopped_it(say, chain, registered, tmp_path):
    for role in (OFFICER, OWNER):
        say("sign", role)
    approval.suspend(NAME, "1", registered, chain, "Dr Jones", "Wrong mapping of codes found.", TODAY)
    say("lift", OFFICER)
    lines = chain.path.read_text().splitlines()
    chain.path.write_text("".join(f"{line}\n" for line in [*lines[:2], lines[3]]))

    found = stands(chain, registered, tmp_path)
    assert found.until is None
    assert "the chain of statements is broken" in found.suspended


def test_a_line_that_is_no_statement_is_refused(chain):
    chain.path.write_text("not a statement\n")

    with pytest.raises(NotSigned, match="is no statement"):
        signoffs.read(chain.path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"until": "2099-01-01"}, "180 days at most"),
        ({"until": ""}, "180 days at most"),
        ({"scope": {"not_for": {}}}, "does not leave out deprivation 5"),
        ({"role": "safety_reviewer"}, "a safety_reviewer may not sign"),
    ],
)
def test_a_signer_cannot_write_more_into_the_draft_than_was_drafted(changes, why, keys, registered, chain, tmp_path):
    author = Author("Dr Officer", OFFICER, public(keys, OFFICER))
    made = replace(approval.draft("sign", NAME, "1", registered, author, TODAY), **changes)
    (tmp_path / "said").write_bytes(made.said())
    openssl("dgst", "-sha256", "-sign", keys / f"{OFFICER}.pem", "-out", tmp_path / "sig", tmp_path / "said")

    with pytest.raises(NotSigned, match=why):
        approval.record(made, (tmp_path / "sig").read_bytes(), "", registered, chain, TODAY)


def test_where_no_version_is_named_every_one_that_may_answer_is_stopped(registered, tmp_path):
    log = tmp_path / "log.jsonl"
    why = ["--why", "We stop it now.", "--by", "Ann", "--tracking-uri", registered, "--log", str(log)]
    done = CliRunner().invoke(app, ["suspend", NAME, *why])

    assert done.exit_code == 0, done.output
    alias = {store.resolve(NAME, each, registered) for each in ("challenger",)}
    assert alias <= {one.version for one in signoffs.read(log)}
    assert CliRunner().invoke(app, ["suspend", "nobody.model", *why]).exit_code == 1


def test_a_broken_chain_promotes_nobody(say, chain):
    say("sign", OFFICER)
    say("sign", OWNER)
    lines = chain.path.read_text().splitlines()
    chain.path.write_text("".join(f"{line}\n" for line in reversed(lines)))

    with pytest.raises(NotSigned, match="the chain of statements is broken"):
        say("promote", OWNER)


def test_the_commands_draft_sign_suspend_and_tell_the_history(keys, registered, tmp_path):
    run, log = CliRunner(), tmp_path / "log.jsonl"
    where = ["--tracking-uri", registered]
    kept = ["--log", str(log), "--keys", str(keys / "trusted")]
    for role in (OFFICER, OWNER):
        out = tmp_path / role
        about = ["--kind", "sign", "--role", role, "--by", f"Dr {role}", "--version", "1", "--out", str(out)]
        key = str(keys / "trusted" / role / "theirs.pem")
        drafted = run.invoke(app, ["draft", NAME, *about, "--key", key, *where])
        assert drafted.exit_code == 0, drafted.output
        for line in drafted.stdout.splitlines():
            if line.startswith("  openssl") or "model_signing" in line:
                command = line.replace("PRIVATE.pem", str(keys / f"{role}.pem")).replace("python", sys.executable, 1)
                subprocess.run(command, shell=True, check=True, capture_output=True)
        signed = run.invoke(app, ["sign", str(out), *kept, *where])
        assert signed.exit_code == 0, signed.output
    stopped = run.invoke(
        app, ["suspend", NAME, "--version", "1", "--why", "We stop it now.", "--by", "Ann", *where, *kept[:2]]
    )
    told = run.invoke(app, ["history", "kidney_disease", *where, *kept[:2], "--json"])
    audited = run.invoke(app, ["audit", *kept, *where])

    assert stopped.exit_code == audited.exit_code == 0, stopped.output + audited.output
    statements = json.loads(told.stdout)["statements"]
    assert [(one["kind"], one["by"]) for one in statements] == [
        ("sign", f"Dr {OFFICER}"),
        ("sign", f"Dr {OWNER}"),
        ("suspend", "Ann"),
    ]
    assert "3 statements" in audited.stdout
