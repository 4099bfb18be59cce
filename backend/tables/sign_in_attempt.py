"""Attempts to sign in, counted against guessing."""

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table


class SignInAttempt(Table):
    """One try to sign in that has not succeeded; counted to slow guessing down, and forgotten within the hour."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_login", "login_sha256", "created_at"),
        Index("ix_sign_in_attempts_address", "address", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    login_sha256: Mapped[str]  # what was typed may be a password
    address: Mapped[str]
    created_at: Mapped[CreatedAt]
