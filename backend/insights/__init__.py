"""What annotation costs and yields: the phase table, waiting time, throughput and rework."""
