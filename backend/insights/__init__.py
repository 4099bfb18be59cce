"""What annotation costs and yields: the phase table, waiting, throughput and rework."""
