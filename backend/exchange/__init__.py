"""`maskloom export` and `maskloom import`: datasets out of and into a running Maskloom, from a terminal."""
