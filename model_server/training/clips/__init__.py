"""Training clips the repo makes itself: moving sprites over moving backgrounds, with exact masks."""
