"""The least that could answer: Starlette, one LightGBM prediction and its contributions, nothing else.

Run as `python -m bench.bare booster.txt PORT [ANSWERS]`. The predictors come ready; one thread, as our service has.
With ANSWERS it keeps each answer in our store before it sends it: what that store costs alone.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from pathlib import Path

import lightgbm
import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from serving.store import Answers, Entry


def application(text: Path, kept_in: Path | None) -> Starlette:
    booster = lightgbm.Booster(model_str=text.read_text(encoding="utf-8"))
    answers = None if kept_in is None else Answers(kept_in)

    async def risk(request: Request) -> JSONResponse:
        body = await request.body()
        sent = json.loads(body)["predictors"]
        row = np.array([[np.nan if value is None else value for value in sent]], dtype=np.float32)
        prediction = booster.predict(row, num_threads=1)
        contributions = booster.predict(row, pred_contrib=True, num_threads=1)
        said = JSONResponse({"risk": float(prediction[0]), "contributions": contributions[0].tolist()})
        if answers is not None:
            entry = Entry(secrets.token_hex(16), None, "", "", "", "", "", body.decode(), bytes(said.body).decode())
            await asyncio.wrap_future(answers.keep([entry]))
        return said

    return Starlette(routes=[Route("/risk", risk, methods=["POST"])])


if __name__ == "__main__":
    app = application(Path(sys.argv[1]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
