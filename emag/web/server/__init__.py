"""The HTTP server: uvicorn with deadlines and a limit on connections."""

from emag.web.server.server import create, run

__all__ = ["create", "run"]
