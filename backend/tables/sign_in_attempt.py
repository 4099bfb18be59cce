"""The table of attempts to sign in, counted to slow down guessing."""

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table


class SignInAttempt(Table):
    """One attempt to sign in that has not succeeded. It is deleted after an hour."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_login", "login_sha256", "created_at"),
        Index("ix_sign_in_attempts_address", "address", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    login_sha256: Mapped[str]  # hashed, because somebody may type a password here
    address: Mapped[str]  # or the known browser, or the sign-in: see `people/sign_in/throttle.py`
    created_at: Mapped[CreatedAt]
