"""`maskloom evaluate`: the protocols of `model_server.evaluation` on files, with baselines and reports."""
