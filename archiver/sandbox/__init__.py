"""A simulated city: loopback servers that speak the platforms' APIs, for `archiver demo`, tests and benchmarks.

``with SandboxCity(seed=1, size="demo") as city:`` starts one server per platform; ``city.world`` is where a test
posts, edits, deletes, hides and breaks things; ``city.truth(account)`` is what a perfect archive must hold.
"""

from archiver.sandbox.server import SandboxCity

__all__ = ["SandboxCity"]
