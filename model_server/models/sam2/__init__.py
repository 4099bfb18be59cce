"""SAM 2 and SAM 2.1 (Ravi et al., arXiv 2408.00714), written from the paper."""
