"""X in the sandbox city: API v2, strict, with what it costs.

From the bottom up:

``ids``, ``names``      numbers made of moments, opaque tokens; the two sets of names
``model``, ``world``    what is said, and everything that can happen to it
``quirks``              switches for tests: what X does otherwise today
``problems``            errors, of whole calls and inside answers that came
``parameters``          what may be asked for; an unknown name is a 400
``wording``, ``objects``, ``files``   texts, objects and files as given out
``query``, ``lists``, ``paging``, ``counts``   which posts a list has, page by page
``answers``             data, what it refers to, what is missing
``tokens``, ``limits``, ``bills``     who may ask, how often, and what it costs
``endpoints``, ``api``, ``server``    the calls
``story``, ``truth``, ``act``         a city's life on X, what an archive can know of it, and what happens next
"""
