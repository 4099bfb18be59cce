"""`maskloom evaluate`: the measurements of `model_server.evaluation` on files, with baselines and reports."""
