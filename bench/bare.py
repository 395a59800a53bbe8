"""The least that could answer: Starlette, one LightGBM prediction and its contributions, nothing else.

Run as `python -m bench.bare booster.txt PORT`. The predictors come ready; one thread, as our service has.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def application(text: Path) -> Starlette:
    booster = lightgbm.Booster(model_str=text.read_text(encoding="utf-8"))

    async def risk(request: Request) -> JSONResponse:
        sent = json.loads(await request.body())["predictors"]
        row = np.array([[np.nan if value is None else value for value in sent]], dtype=np.float32)
        prediction = booster.predict(row, num_threads=1)
        contributions = booster.predict(row, pred_contrib=True, num_threads=1)
        return JSONResponse({"risk": float(prediction[0]), "contributions": contributions[0].tolist()})

    return Starlette(routes=[Route("/risk", risk, methods=["POST"])])


if __name__ == "__main__":
    uvicorn.run(application(Path(sys.argv[1])), port=int(sys.argv[2]), log_level="warning", access_log=False)
