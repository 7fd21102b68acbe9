"""The drill's second engine: the product's own processes on PostgreSQL, asked over real HTTP.

Nothing is replaced but the clock (``clock``), which the drill moves from question to question.
"""
