"""The ASGI app: public pages, hooks, the desk's pages."""
