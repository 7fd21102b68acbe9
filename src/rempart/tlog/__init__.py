"""Transparency log: Merkle tree, proofs, checkpoints, tiles. Pure bytes; knows no person."""
