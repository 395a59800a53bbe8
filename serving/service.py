"""The BentoML service: it starts, runs and stops our application, and adds nothing to a request.

No route is a BentoML API. Those log submitted values, keep paths as labels and hold each request in memory for the
whole timeout; `docs/decisions` and `shared/research/serving.md` have the measurements.
"""

from __future__ import annotations

import os

# BentoML, OpenTelemetry and MLflow read these when they are imported.
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
os.environ.setdefault("OTEL_SDK_DISABLED", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.app import application
from serving.desk import Desk
from serving.metrics import Metrics
from serving.opening import open_desk
from serving.options import options_in
from serving.watch import log_to_stdout

OPTIONS = options_in(os.environ)
TUNED = {
    "workers": 1,
    # BentoML keeps a timer and the request for this long, however soon the answer is sent.
    "traffic": {"timeout": 5},
    "metrics": {"enabled": False},
    "logging": {"access": {"enabled": False}},
    # OpenTelemetry's middleware stays in BentoML's stack even where its SDK is off, and then writes down spans for
    # nobody: 50 microseconds for each request. It lets an address that is excluded pass.
    "tracing": {"excluded_urls": ["."]},
}


def _open(metrics: Metrics) -> Desk:
    desk = open_desk(OPTIONS, metrics)
    # Last, because MLflow's migrations switch off every logger that they find.
    log_to_stdout()
    return desk


app = application(_open)


class OursAlone:
    """Gives every request to our application: BentoML's /livez, /readyz, / and /docs.json would stand before ours."""

    def __init__(self, _: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@bentoml.service(**TUNED)
@bentoml.asgi_app(app, path="/")
class RiskService:
    """Risks for care pathways, each explained and kept."""


RiskService.add_asgi_middleware(OursAlone)  # type: ignore[attr-defined]
