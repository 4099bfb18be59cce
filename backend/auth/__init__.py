"""Who acts, and what they may: imported by every router, and knowing none of them."""
