"""What sealing refuses; this room knows no other error."""


class SealBroken(Exception):
    """A box, layer, handle, chunk or signature that is not what it should be.

    The message names the thing, never its content.
    """
