"""The demo's salon-booking API: real bookings in a real database, until a report eats its pool.

Endpoints: `GET /actuator/health`, `GET /actuator/metrics/hikaricp.connections.{active,max,pending}`,
`GET /actuator/prometheus`, `POST /agendamentos` (one booking), `POST /demo/break` (every connection runs a
report that never ends).
"""

from __future__ import annotations

import os
import threading

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from bot.demo.pool import Pool, PoolExhausted

POOL_SIZE = 8
BORROW_TIMEOUT_S = 2.0
# What a forgotten join looks like in pg_stat_activity; it sleeps so that the laptop stays cool.
RUNAWAY = (
    "SELECT a.estado, count(*), pg_sleep(3600) FROM agendamentos a, servicos s"
    " WHERE a.inicio > now() - interval '400 days' GROUP BY a.estado ORDER BY 1"
)
BOOKING = (
    "INSERT INTO agendamentos (usuario_id, profissional_id, servico_id, inicio)"
    " SELECT usuario_id, profissional_id, servico_id, now() + interval '1 day'"
    " FROM agendamentos ORDER BY id LIMIT 1 RETURNING id"
)


class Service:
    """The endpoints over one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def health(self, request: Request) -> JSONResponse:
        del request
        up = self._pool.active < self._pool.size
        return JSONResponse({"status": "UP" if up else "DOWN"}, 200 if up else 503)

    async def metric(self, request: Request) -> JSONResponse:
        values = {"active": self._pool.active, "max": self._pool.size, "pending": self._pool.pending}
        name = request.path_params["name"]
        if name not in values:
            return JSONResponse({"error": f"no metric {name}"}, 404)
        measured = [{"statistic": "VALUE", "value": values[name]}]
        return JSONResponse({"name": f"hikaricp.connections.{name}", "measurements": measured})

    async def prometheus(self, request: Request) -> PlainTextResponse:
        del request
        values = {"active": self._pool.active, "max": self._pool.size, "pending": self._pool.pending}
        lines = (f"hikaricp_connections_{name} {value}" for name, value in values.items())
        return PlainTextResponse("\n".join(lines) + "\n")

    async def book(self, request: Request) -> JSONResponse:
        del request
        try:
            booked = await run_in_threadpool(self._book)
        except PoolExhausted as error:
            return JSONResponse({"error": f"Connection is not available: {error}"}, 503)
        except psycopg.Error as error:
            return JSONResponse({"error": f"the database answered: {type(error).__name__}"}, 503)
        return JSONResponse({"agendamento": booked}, 201)

    async def break_pool(self, request: Request) -> JSONResponse:
        del request
        for _ in range(self._pool.size):
            threading.Thread(target=self._run_away, daemon=True).start()
        return JSONResponse({"started": self._pool.size}, 202)

    def _book(self) -> int:
        with self._pool.connection(BORROW_TIMEOUT_S) as connection:
            row = connection.execute(BOOKING).fetchone()
            return int(row[0]) if row else 0

    def _run_away(self) -> None:
        try:
            with self._pool.connection(BORROW_TIMEOUT_S) as connection:
                connection.execute(RUNAWAY)
        except (psycopg.Error, PoolExhausted) as error:
            print(f"the report ended: {type(error).__name__}", flush=True)  # noqa: T201 - the demo's log


def make_app(pool: Pool) -> Starlette:
    """The service over a pool."""
    service = Service(pool)
    return Starlette(
        routes=[
            Route("/actuator/health", service.health),
            Route("/actuator/metrics/hikaricp.connections.{name}", service.metric),
            Route("/actuator/prometheus", service.prometheus),
            Route("/agendamentos", service.book, methods=["POST"]),
            Route("/demo/break", service.break_pool, methods=["POST"]),
        ]
    )


def main() -> None:
    """Serve on 127.0.0.1:$DEMO_SERVICE_PORT over $DEMO_SERVICE_DATABASE_URL."""
    app = make_app(Pool(os.environ["DEMO_SERVICE_DATABASE_URL"], POOL_SIZE))
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["DEMO_SERVICE_PORT"]), log_level="warning")


if __name__ == "__main__":
    main()
