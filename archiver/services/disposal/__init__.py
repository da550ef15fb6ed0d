"""Disposal: what is past its time is proposed, approved by another person, destroyed and certified (R25, R28-R36)."""
