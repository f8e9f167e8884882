"""Every sentence a reader sees, in English and Japanese; code holds none of them."""

from dohyo.words.words import LANGUAGES, Language, Words

__all__ = ["LANGUAGES", "Language", "Words"]
