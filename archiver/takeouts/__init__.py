"""What an account downloads of itself from a platform: pure readers, from the files of a download to observations."""
