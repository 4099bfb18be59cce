"""What a person at the terminal is told instead of a traceback, where the error is not ours."""

from backend.terminal import TerminalError


def explanation(error: Exception) -> str | None:
    """A sentence for the person who gave the command; None if the fault is ours, and its traceback is wanted."""
    # Imported here, because most commands end well and should start fast.
    import psycopg
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError

    match error:
        case TerminalError():
            return str(error)
        case ValidationError(title="Settings"):
            return "\n".join(_setting(fault["loc"], fault["msg"]) for fault in error.errors())
        case psycopg.OperationalError():
            return _database(error)
        case OperationalError(orig=psycopg.OperationalError() as cause):
            return _database(cause)
        case OSError(filename=str() | bytes()):
            return str(error)
        case _:
            return None


def _setting(place: tuple[int | str, ...], message: str) -> str:
    """The fault without the value, which may be a password."""
    fault = message.removeprefix("Value error, ")
    name = "_".join(str(part) for part in place).upper()
    return f"MASKLOOM_{name}: {fault}. (.env.example lists the settings.)" if name else fault


def _database(error: Exception) -> str:
    reason = str(error).strip()
    return f"The database cannot be used: {reason}\n(Without MASKLOOM_DATABASE_URL it runs while `maskloom up` runs.)"
