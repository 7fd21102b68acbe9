"""The check of each protection: what is found makes its state, by the rule that stands beside it.

A check looks at the world by itself and says *in force* of what it has seen alone: what is off is
never taken for on, and what could not be looked at is not verified. Where there is nobody yet whom
a protection would protect, it is in force if it would hold for the first one.
"""

from collections.abc import Callable, Mapping

from rempart.domain.errors import RempartError
from rempart.domain.measure import Measure, Seen, State
from rempart.usecases import check_flows, check_keys, check_ledger, check_sign_in
from rempart.usecases.measure_ports import CannotSee, World

Check = Callable[[World], Seen]

CHECKS: Mapping[str, Check] = {
    check.__name__.replace("_", "-"): check
    for check in (
        check_sign_in.no_password,
        check_sign_in.professionals_psc,
        check_sign_in.staff_passkeys,
        check_sign_in.software_two_proofs,
        check_sign_in.vendor_statements,
        check_sign_in.directory_followed,
        check_sign_in.two_operators,
        check_sign_in.presence_sealed,
        check_sign_in.old_cards_closed,
        check_keys.vault_alone,
        check_keys.rights_sealed,
        check_keys.roles_small,
        check_keys.key_files,
        check_keys.users_apart,
        check_keys.keys_apart,
        check_keys.no_core,
        check_keys.tls,
        check_keys.limits,
        check_keys.incident_key,
        check_flows.budgets,
        check_flows.guard,
        check_flows.containment,
        check_flows.hourly_ceiling,
        check_flows.alerts,
        check_flows.on_call,
        check_flows.cut_offs,
        check_flows.offline_lists,
        check_ledger.durable,
        check_ledger.standby,
        check_ledger.ledger_append_only,
        check_ledger.checkpoints,
        check_ledger.ledger_verified,
        check_ledger.days_closed,
        check_ledger.retention,
        check_ledger.clock,
        check_ledger.exercises,
    )
}
"""By the code of the measure."""

NOT_BUILT, ELSEWHERE = "not-built", "elsewhere"


def checked(measure: Measure, world: World) -> Seen:
    """What is found of one measure. Never raises: what cannot be seen is not verified."""
    if measure.seen == "nowhere":
        return Seen(State.NOT_IN_FORCE, why=NOT_BUILT)
    if measure.seen == "elsewhere":
        return Seen(State.NOT_VERIFIED, why=ELSEWHERE)
    try:
        return CHECKS[measure.code](world)
    except CannotSee as error:
        return Seen(State.NOT_VERIFIED, why=error.why)
    except RempartError as error:
        return Seen(State.NOT_VERIFIED, why=error.code)
    except Exception as error:
        # Whatever it is, the other checks are still to be made; its words may quote a value.
        return Seen(State.NOT_VERIFIED, why=type(error).__name__)
