"""Health checks of the database, the model servers, the jobs and the event bus."""
