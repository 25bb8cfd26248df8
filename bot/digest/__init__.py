"""The digest: what a week or a month of incidents says."""

from bot.digest.digest import Digest, digest_of

__all__ = ["Digest", "digest_of"]
