"""The table of what people searched for and then read."""

from datetime import date

from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.db import Model

LONGEST_WORDS = 80
LONGEST_AUDIENCES = 255


class PastQuery(Model):
    """How often words led to a page on a day. `audiences` names those that everybody was in who typed them."""

    __tablename__ = "past_queries"

    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), primary_key=True)
    audiences: Mapped[str] = mapped_column(String(LONGEST_AUDIENCES), primary_key=True)
    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    times: Mapped[int] = mapped_column(Integer())
