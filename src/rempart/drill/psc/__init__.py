"""A simulator of Pro Santé Connect: the same protocol and claims, nobody real behind them."""
