"""Text 文本: what are complaints, comments and questions about, and how do customers feel?"""

from vostro.insight.text.card import ClassRow, TextCard
from vostro.insight.text.embedding import Embedder
from vostro.insight.text.model import TextModel
from vostro.insight.text.pieces import languages
from vostro.insight.text.reasons import TextReason
from vostro.insight.text.sentiment import SentimentModel
from vostro.insight.text.topics import Topic, Topics, TopicsTried, find_topics

__all__ = [
    "ClassRow",
    "Embedder",
    "SentimentModel",
    "TextCard",
    "TextModel",
    "TextReason",
    "Topic",
    "Topics",
    "TopicsTried",
    "find_topics",
    "languages",
]
