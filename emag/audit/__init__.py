"""The audit record: who signed in, and what people did beside the acts of issues. Rows only grow.

It is a chain, as the acts of issues are one. The newest record of both is sealed with the
publication's key within seconds, so nobody can rewrite them without that key.
"""
