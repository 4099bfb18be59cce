"""Files and the rows that name them."""
