"""YouTube in the sandbox city: the Data API v3, strict and with quota, its feeds, its hub and its chats.

From the bottom up:

``model``, ``world``      what is on the city's channels, and everything that can happen to it
``problems``, ``wire``    errors, times and JSON as Google writes them
``quota``                 units by project and Pacific day
``credentials``           keys, tokens, scopes, the token endpoint
``parameters``            what each method takes: nothing else is accepted
``seen``                  who sees what; the answers and the truth both stand on it
``paging``, ``call``      page tokens; one call with all that its answer needs
``channels`` … ``search`` the methods
``feeds``, ``hub``        Atom, and who is told of it
``api``                   all of it behind one port
``story``, ``act``        the life of the city's channels before the first capture, and after it
``truth``                 what a perfect archive holds
"""
