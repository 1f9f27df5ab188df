"""Listen 倾听: what the customers did after we spoke, or did not speak, to them."""

from vostro.listen.outcomes import answers_of, outcomes_of

__all__ = ["answers_of", "outcomes_of"]
