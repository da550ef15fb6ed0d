"""What the lives of the city's accounts on Instagram and Threads begin with: an account, a voice and residents."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from archiver.sandbox.images import picture
from archiver.sandbox.meta.facebook_story import TITLES, Plan
from archiver.sandbox.meta.voice import Voice
from archiver.sandbox.meta.world import MetaWorld


class ProfileLife:
    """One account (``city-instagram``) and those who answer it. ``answers`` is what its profile calls these."""

    def __init__(self, meta: MetaWorld, platform: str, name: str, plan: Plan, answers: str) -> None:
        self.meta = meta
        self.plan = plan
        self.rng = Random(f"{platform} {meta.world.seed} {name}")
        self.now = meta.now()
        self.begin = self.now - timedelta(days=365 * plan.years)
        office = name.split("-", maxsplit=1)[0]
        title, department, self.office = TITLES.get(office, TITLES["city"])
        self.account = meta.add_account(
            name,
            platform,
            f"mapleford{office}",
            title,
            department=department,
            description=f"Official account of {title}. {answers} are public records.",
            joined_at=self.begin - timedelta(days=30),
            avatar=picture(len(name) * 7919 + len(platform), None),
            followers=self.rng.randrange(200, 9000),
        ).person
        self.voice = Voice(meta.world, self.rng)
        self.people = self.voice.residents(meta, platform, plan.residents, self.begin - timedelta(days=400))
