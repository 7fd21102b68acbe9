"""What the browser passes to ``navigator.credentials``, on its way."""

import json
from collections.abc import Mapping
from typing import Any

from rempart.usecases.keep_flows import FLOW_LIFE
from rempart.usecases.people_replies import (
    PasskeyAsked,
)


def asked(flow: str, options: Mapping[str, Any]) -> PasskeyAsked:
    """The options of a ceremony, and the flow in which its answer is awaited."""
    text = json.dumps(options, separators=(",", ":"))
    return PasskeyAsked(flow=flow, options=text, expires_in=FLOW_LIFE)
