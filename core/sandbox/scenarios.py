"""Names of the faults that a sandbox can play, as the command line and the control door know them.

``<emulator>.<scenario>``; each emulator has its own table of what a scenario does. Azure Resource
Manager (``arm``) and the sign-in are one emulator, ``azure``.
"""

from __future__ import annotations

SCENARIOS = {
    "arm.no_permission": "the caller may read, and change nothing",
    "arm.provider_not_registered": "the subscription knows none of the resource providers yet",
    "arm.name_taken": "the namespace's name belongs to somebody else",
    "arm.throttled": "every request is refused, there were too many",
    "arm.slow_create": "a namespace takes five seconds to be made",
    "arm.failed_create": "making a namespace begins, and fails",
    "arm.policy_denied": "an Azure Policy forbids to make a namespace",
    "arm.basic_only": "namespaces are of the Basic tier, without a Kafka endpoint",
    "arm.two_tenants": "the user belongs to two tenants, each with a subscription",
    "event_hubs.wrong_key": "no key of a shared access policy fits",
    "event_hubs.basic_tier": "the namespace is of the Basic tier, without a Kafka endpoint",
    "event_hubs.firewall": "the namespace's network rules refuse the client's address",
    "event_hubs.no_listen": "the policy allows Send and nothing else",
    "event_hubs.missing_hub": "there is no event hub of that name",
    "event_hubs.throttled": "the namespace has a tenth of a throughput unit left",
    "event_hubs.silent_port": "connections are taken and nothing is ever said",
    "event_hubs.tls_intercepted": "a proxy presents a certificate of its own authority",
    "event_hubs.not_tls": "the port answers in something that is not TLS",
    "event_hubs.idle_drop": "connections without a request for 5 s are closed",
    "event_hubs.key_rotated": "both keys of every policy are new; who is connected stays so",
    "log_service.server_errors": "half of the requests are answered 500 or 503",
    "log_service.ack_lost": "LogGroups are stored, some of their answers are lost",
    "log_service.full_outage": "every connection is cut without an answer",
    "log_service.quota": "writes are refused, the project's quota is exceeded",
    "log_service.shard_quota": "writes are refused, the shard's quota is exceeded",
    "log_service.slow": "every answer comes two seconds late",
    "log_service.reset_in_body": "connections are reset in the middle of a body",
    "log_service.time_skew": "the service's clock is an hour ahead",
    "log_service.unauthorized": "every request is refused, the caller has no right",
    "log_service.no_typed_jobs": "there is no typed API of import jobs, only the older one",
    "log_service.job_failed": "Kafka imports fail, and fail again when they are started",
    "security_center.not_activated": "Security Center's Agentic SOC is not activated",
    "security_center.no_role": "the service-linked role is not granted",
    "security_center.quota": "nothing more can be made, the quota is used up",
    "security_center.wrong_region": "the account is managed in the other management centre",
    "security_center.abnormal_source": "Security Center cannot read any data source",
    "security_center.rule_rejected": "Security Center finds fault with every SPL rule",
}
"""Scenario -> what it does, in a line."""

_EMULATORS = {"arm": "azure"}


def emulator_of(name: str) -> tuple[str, str]:
    """The emulator and the scenario in ``name``. Raises KeyError for one that there is not."""
    if name not in SCENARIOS:
        raise KeyError(name)
    emulator, _, scenario = name.partition(".")
    return _EMULATORS.get(emulator, emulator), scenario
