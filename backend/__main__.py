"""`python -m backend` is `maskloom`."""

from backend.cli import main

if __name__ == "__main__":
    main()
