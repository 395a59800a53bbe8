"""What an operator decides, read from the environment once, when the service starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

Use = Literal["demonstration", "clinical"]
State = Literal["champion", "challenger", "shadow"]


class WrongOption(ValueError):
    """An option whose value we do not know; the service does not start with a guess."""


@dataclass(frozen=True)
class Options:
    """Where models, records and answers are, and for what use the answers are."""

    tracking_uri: str = "sqlite:///work/mlflow.db"
    source: Path = Path("work/population")
    answers: Path = Path("work/answers.db")
    use: Use = "demonstration"
    alias: State = "challenger"
    signoffs: Path = Path("work/signoffs.jsonl")
    trusted_keys: Path | None = None
    """Public keys whose signatures count, by role; without them nothing is signed for clinical use."""


def options_in(environment: Mapping[str, str]) -> Options:
    """The options of an environment, with ours where it is silent."""
    ours = Options()
    use = environment.get("RISK_USE", ours.use)
    if use not in get_args(Use):
        raise WrongOption(f"RISK_USE is not one of {', '.join(get_args(Use))}")
    return Options(
        tracking_uri=environment.get("RISK_TRACKING_URI", ours.tracking_uri),
        source=Path(environment.get("RISK_SOURCE", ours.source)),
        answers=Path(environment.get("RISK_ANSWERS", ours.answers)),
        use=cast("Use", use),
        alias="champion" if use == "clinical" else ours.alias,
        signoffs=Path(environment.get("RISK_SIGNOFFS", ours.signoffs)),
        trusted_keys=Path(environment["RISK_TRUSTED_KEYS"]) if environment.get("RISK_TRUSTED_KEYS") else None,
    )
