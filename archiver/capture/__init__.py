"""The one door to the network, and the one place that waits.

``client`` sends one request and hands back what went over the wire · ``session`` keeps logins in memory ·
``wire`` holds the sockets · ``guard`` says which addresses may be connected to · ``recording`` turns the bytes into
a block without secrets (``framing``, ``sieve``, ``masking``, ``heads``) · ``media`` limits what strangers may send ·
``pace`` and ``retry`` say when to ask again · ``notify`` tells a person.
"""
