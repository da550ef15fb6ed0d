"""TOML to typed settings.

The configuration is closed: a key that is not known is a fault that names the nearest known one. All faults
are reported at once, each with its key, its line and what would be right. Secrets are only referred to.
"""

from archiver.config.profile import load_profile
from archiver.config.reading import load, parse, parse_text
from archiver.config.settings import ACCOUNT_ID, AccountSettings, MailSettings, SecretSetting, Settings

__all__ = [
    "ACCOUNT_ID",
    "AccountSettings",
    "MailSettings",
    "SecretSetting",
    "Settings",
    "load",
    "load_profile",
    "parse",
    "parse_text",
]
