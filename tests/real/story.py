"""Three days of a town on the network, told by real calls, with the truth of them.

An archiver can only know what it was there to see: edits and deletions of the second and third day are found by whoever
archived the day before. Every name in it is made up.
"""

from __future__ import annotations

from archiver.domain.item import Kind
from tests.real.person import POST
from tests.real.town import Town
from tests.real.truth import Expected

DEEP = 24
"""The levels of the deepest thread: more than two views of it show."""
WIDE = 110
"""The answers right below one post: more than a page of anything."""

ODD = (
    '=HYPERLINK("http://example.test","click")',
    "<script>alert('x')</script> & <b>bold</b> &amp; not",
    "مرحبا بكم في المدينة \u202eabc\u202c — right to left",
    "   leading and trailing spaces, a tab\t, and\n\n\nempty lines   ",
    "👩‍👩‍👧‍👦🏳️‍🌈" * 20,
    "市役所は閉まっています。水道の工事について、お問い合わせください。",
    "e\u0301 as two characters, \u00e9 as one; \u200bzero width\u200d",
    "x" * 300,
)


class Story(Town):
    """Three days; call them in their order, and archive after each."""

    def first_day(self) -> None:
        """What the archive finds when it begins."""
        self._introductions()
        self._hearing()
        self._pictures()
        self._deep_thread()
        self._wide_thread()
        self._own_thread()
        self._odd_texts()
        self._quotes_and_reposts()
        self._elsewhere()
        self._doomed()
        self._notice()
        self.network.settle()

    def second_day(self) -> None:
        """Edits, deletions, moderation, an account that closes and one with a new name."""
        truth, ref = self.truth, self.ref
        self.overwrite(self.city, ref["notice"], "The library is closed on MONDAY.")
        self.overwrite(self.ann, ref["corrected"], "Thank you! (corrected)")
        about, seal = "News from City Hall. Closed on Sundays.", self.file("image/png", None, kind="avatar")
        self.profile(self.city, f"City of {self.place.title()}", about, avatar=seal)
        truth.edited(ref["profile"].uri, about)
        truth.records[ref["profile"].uri].attached = [seal]
        self.rename(self.city, "city")
        self.rename(self.ben, "benjamin")

        self.hide(ref["hearing"], [ref["abuse"], ref["scandal"]])
        truth.becomes(ref["scandal"].uri, "hidden", "hidden", "by_city")
        self.detach(ref["flood"], [ref["mocked"], ref["twisted"]])
        truth.becomes(ref["twisted"].uri, "detached", "live")

        self.delete(self.city, ref["doomed"], "by_city")
        self.delete(self.city, ref["retracted"], "by_city")
        self.delete(self.city, ref["shared"], "by_city")
        self.delete(self.city, ref["again"], "by_city")
        self.delete(self.ann, ref["middle"], "by_author")
        self.delete(self.ben, ref["leaf"], "by_author")
        self.delete(self.eve, ref["praise"], "by_author")

        self.say(self.dan, "Nobody reads this any more, or do they?", reply=ref["survivor"], kind=Kind.REPLY)
        self.say(self.dan, "I still have a question.", reply=ref["below"], kind=Kind.REPLY)
        self.say(self.dan, "One more, at the very bottom.", reply=ref["bottom"], kind=Kind.REPLY)
        self.say(self.dan, "I only saw this now.", reply=ref["wide"], kind=Kind.COMMENT)
        self.say(self.city, "Second day: the water is back.", files=[self.file(alt="A tap")])
        self.cara.call("com.atproto.server.deactivateAccount", {})
        for one in self.by(self.cara):
            truth.becomes(one.uri, "gone", "gone", "account_closed")
        self.eve.create("app.bsky.graph.block", {"subject": self.city.did, "createdAt": self.now()})
        self.network.settle()

    def third_day(self) -> None:
        """Some of it is taken back."""
        truth, ref = self.truth, self.ref
        self.overwrite(self.city, ref["notice"], truth.records[ref["notice"].uri].texts[0])
        self.hide(ref["hearing"], [ref["abuse"]])
        truth.becomes(ref["scandal"].uri, "unhidden", "live")
        self.detach(ref["flood"], [ref["mocked"]])
        truth.becomes(ref["twisted"].uri, "reattached", "live")
        self.city.put(POST, ref["again"].rkey, self.value(ref["again"]))
        truth.becomes(ref["again"].uri, "restored", "live")
        self.cara.call("com.atproto.server.activateAccount")
        for one in self.by(self.cara):
            truth.becomes(one.uri, "restored", "live")
        self.say(self.cara, "I am back.", reply=ref["wide"], kind=Kind.COMMENT)
        self.network.settle()

    def _introductions(self) -> None:
        name, about, coat_of_arms = (
            f"{self.place.title()} City Hall",
            "News from City Hall.",
            self.file("image/png", None, kind="avatar"),
        )
        made = self.profile(self.city, name, about, avatar=coat_of_arms)
        self.truth.add(
            Expected(made.uri, self.city.did, Kind.PROFILE, [about], thread=made.uri, attached=[coat_of_arms])
        )
        self.ref["profile"] = made
        self.profile(
            self.police, "Police", "Call 911 in an emergency.", avatar=self.file("image/png", None, kind="avatar")
        )
        self.profile(self.ann, "Ann 🌻", "Gardener")
        shy = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
        self.profile(self.cara, "Cara", "", labels=shy)

    def _hearing(self) -> None:
        """A post with every kind of facet, an exchange below it, and a hidden reply with an answer."""
        hearing = self.say(
            self.city,
            f"🏛️ Public hearing on Tuesday — agenda: {self.place}.example/hearing · ask @{self.police.handle} #Hearing",
            links={f"{self.place}.example/hearing": f"https://www.{self.place}.example/hearing?id=7"},
            mentions=[self.police],
            tags=["#Hearing"],
            langs=["en", "es"],
            more={"tags": ["zoning"], "labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}},
        )  # fmt: skip
        self.ref["hearing"] = hearing
        where = self.say(self.ann, "Where do we park? 🚗", reply=hearing)
        told = self.say(self.city, "Behind the library.", reply=where)
        self.ref["retracted"] = self.say(self.city, "Or on the moon.", reply=where)
        self.say(self.ann, "Thanks!", reply=told)
        self.ref["corrected"] = self.say(self.ann, "Thank yuo!", reply=told)
        self.say(self.police, "We will be there.", reply=hearing, kind=Kind.COMMENT)
        abuse = self.say(self.max, "<b>You are all CROOKS</b>", reply=hearing)
        self.say(self.ann, "Please stay polite.", reply=abuse)
        self.ref["abuse"] = abuse
        self.ref["scandal"] = self.say(self.dan, "This is a scandal", reply=hearing)
        translation = self.say(self.cara, "Is there a translation?", reply=hearing)
        self.say(self.ben, "There is, Cara.", reply=translation)
        self.say(self.eve, "I will block you all.", reply=hearing)
        self.hide(hearing, [abuse])
        self.truth.begins(abuse.uri, "hidden", "hidden", "by_city")
        for fan in (self.ann, self.ben):
            fan.create("app.bsky.feed.like", {"subject": hearing.strong, "createdAt": self.now()})

    def _pictures(self) -> None:
        """Pictures with and without description, a film with captions, a link card, a picture from a resident."""
        files = [
            self.file("image/jpeg", "Main Street under water"),
            self.file("image/png", "Map: streets closed since 5 pm 🗺️"),
            self.file("image/png", ""),
        ]
        self.ref["flood"] = flood = self.say(self.city, "Flooding on Main Street", files=files)
        self.say(self.ben, "", reply=flood, files=[self.file("image/jpeg", "My cellar")])
        self.say(self.city, "", files=[self.file("image/jpeg", "A picture without words")])
        film = self.file("video/mp4", "The council in session", kind="video")
        self.ref["film"] = self.say(
            self.city, "Last night's meeting", files=[film, self.captions("en", "The council is in session.")]
        )
        thumb = self.file("image/png", None, kind="thumbnail")
        card = {
            "$type": "app.bsky.embed.external",
            "external": {
                "uri": f"https://{self.place}.example/pool",
                "title": "The pool",
                "description": "Opening hours",
                "thumb": self.city.upload(thumb.file),
            },
        }
        self.ref["card"] = self.say(
            self.city,
            "The pool opens on Saturday",
            files=[thumb],
            embed=card,
            targets=[f"https://{self.place}.example/pool"],
        )
        self.profile(self.city, f"{self.place.title()} City Hall", "News from City Hall.", pinned=self.ref["card"])

    def _deep_thread(self) -> None:
        """A quarrel deeper than two views of a thread, with a fork below the first view's end."""
        talkers = [self.ann, self.ben, self.city]
        at = self.say(self.city, "Should Elm Street be one-way?")
        self.ref["deep"] = at
        for level in range(1, DEEP + 1):
            at = self.say(talkers[level % 3], f"Level {level}: {'yes' if level % 2 else 'no'}", reply=at)
            if level in {9, 10, 11, 20}:
                self.say(self.dan, f"A fork at level {level + 1}", reply=at)
        self.ref["bottom"] = at

    def _wide_thread(self) -> None:
        """More answers than a page, some with answers of their own."""
        wide = self.say(self.city, "What should the new park be called?")
        self.ref["wide"] = wide
        for number in range(WIDE):
            name = self.say(self.people[2 + number % 6], f"Name {number}", reply=wide)
            if number % 10 == 0:
                for word in ("Better than mine", "No, please not"):
                    self.say(self.ben, f"{word} ({number})", reply=name)

    def _own_thread(self) -> None:
        at = self.say(self.city, "The budget, in three posts (1/3)")
        for number in (2, 3):
            at = self.say(self.city, f"The budget, in three posts ({number}/3)", reply=at)

    def _odd_texts(self) -> None:
        """What breaks spreadsheets, pages and terminals; and dates that nobody should believe."""
        odd = self.say(self.city, "Say something")
        for text in ODD:
            self.say(self.max, text, reply=odd)
        self.say(self.city, "From the old website", created_at="2011-05-06T07:08:09.123Z")
        self.say(self.city, "Written by a clock that is wrong", created_at="2081-01-01T00:00:00+05:30")

    def _quotes_and_reposts(self) -> None:
        """By the city and of the city; one quote of the city is detached when the archive first sees it."""
        garden = self.say(self.ann, "My garden is open to all", record=False)
        self.say(self.city, "A visit is worth it", quote=garden, kind=Kind.QUOTE)
        patrol = self.say(self.police, "New patrol cars", record=False)
        self.ref["shared"] = self.repost(patrol, "New patrol cars")
        self.repost(self.ref["hearing"], self.truth.records[self.ref["hearing"].uri].text)
        flood = self.ref["flood"]
        self.say(self.ann, "Look at this", quote=flood, files=[self.file("image/png", "My street")], kind=Kind.QUOTE)
        self.ref["praise"] = self.say(self.eve, "Good work", quote=flood, kind=Kind.QUOTE)
        self.ref["twisted"] = self.say(self.max, "They did nothing!", quote=flood, kind=Kind.QUOTE)
        self.ref["mocked"] = self.say(self.dan, "Ha ha", quote=flood, kind=Kind.QUOTE)
        self.detach(flood, [self.ref["mocked"]])
        self.truth.begins(self.ref["mocked"].uri, "detached", "live")

    def _elsewhere(self) -> None:
        """In other people's threads: an answer by the city, and mentions that only the city is told of."""
        asked = self.say(self.ann, "Does anybody know when the pool opens?", record=False)
        answered = self.say(self.city, "On Saturday.", reply=asked, kind=Kind.REPLY)
        self.say(self.ben, "Good to know.", reply=answered, kind=Kind.REPLY)
        self.ref["mention"] = self.say(
            self.eve, f"@{self.city.handle} your bus is late", mentions=[self.city], kind=Kind.MENTION, by_login=True
        )
        chat = self.say(self.ben, "Bus 7 again", record=False)
        self.say(
            self.eve, f"Tell @{self.city.handle}", mentions=[self.city], reply=chat, kind=Kind.MENTION, by_login=True
        )

    def _doomed(self) -> None:
        """What the second day removes: a root with a picture, a post in the middle of a thread, a leaf."""
        doomed = self.say(self.city, "A mistake", files=[self.file("image/png", "The wrong map")])
        self.ref["doomed"] = doomed
        self.ref["survivor"] = self.say(self.ben, "That map is wrong", reply=doomed)
        self.say(self.ann, "It is", reply=self.ref["survivor"])
        root = self.say(self.city, "Trash is collected on Friday")
        middle = self.say(self.ann, "Even on holidays?", reply=root)
        below = self.say(self.city, "On the day after", reply=middle)
        self.ref["middle"], self.ref["below"] = middle, below
        self.say(self.ben, "Good", reply=below)
        self.ref["leaf"] = self.say(self.ben, "I'll regret this", reply=root)
        gone = self.say(self.ann, "Deleted before anybody archived it", reply=root, record=False)
        self.say(self.ben, "An answer below a hole", reply=gone, kind=Kind.REPLY, by_login=True)
        self.ann.delete(gone.uri)

    def _notice(self) -> None:
        self.ref["notice"] = self.say(self.city, "The library is closed on Monday.")
        self.ref["again"] = self.say(self.city, "This one comes back")
