"""Meta's platforms in the sandbox city: one Graph engine, and Facebook, Instagram and Threads on it.

From the bottom up:

``model``, ``world``    what is said on the city's pages and profiles, and everything that can happen to it
``problems``, ``wire``  errors and JSON as Meta writes them (escaped letters and slashes)
``tokens``              apps, tokens, proofs, exchanges, ``debug_token``
``fields``              ``a,b{c},edge.limit(5).as(x){d}`` as a tree
``schema``              what a platform says about itself: node types with fields and edges
``paging``              cursors, links that echo the token, short and looping pages
``usage``               limits: headers, refusals, recovery
``quirks``              switches for tests: what the platform does wrong today
``graph``               the engine: one call in, one answer out; knows no platform
``cdn``                 files behind signed links that end
``webhooks``            the sender of pushed events
``facebook_*``          the Facebook API: schema, nodes, paths
``login``, ``voice``    what Instagram and Threads share: token endpoints, and what residents say
``instagram_*``         the Instagram API in both of its flavours
``threads_*``           the Threads API
``act``                 what happens on a page or profile after the first capture

A platform is a subclass of `graph.GraphApi` with a table of node types, a way to find an object by id, and its own
paths (token exchanges). See `facebook_api` for the model.
"""
