"""The stored annotation: its queries, its rules, and its form in the API."""
