"""Which log categories a scope offers. A selection from "Azure Monitor: supported resource log
categories", "Azure Monitor: activity log" and "Microsoft Entra: logs for streaming"."""

from __future__ import annotations

ACTIVITY = (
    "Administrative",
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
)
"""Categories of a subscription's activity log."""
ENTRA = (
    "AuditLogs",
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
    "ProvisioningLogs",
    "ADFSSignInLogs",
    "RiskyUsers",
    "UserRiskEvents",
    "NetworkAccessTrafficLogs",
    "RiskyServicePrincipals",
    "ServicePrincipalRiskEvents",
    "EnrichedOffice365AuditLogs",
    "MicrosoftGraphActivityLogs",
    "B2CRequestLogs",
)
"""Categories of Microsoft Entra ID."""

_FIREWALL = (
    "AzureFirewallApplicationRule",
    "AzureFirewallNetworkRule",
    "AzureFirewallDnsProxy",
    "AZFWApplicationRule",
    "AZFWNetworkRule",
    "AZFWNatRule",
    "AZFWDnsQuery",
    "AZFWThreatIntel",
    "AZFWIdpsSignature",
    "AZFWFatFlow",
)
RESOURCES: dict[str, dict[str, tuple[str, ...]]] = {
    "microsoft.keyvault/vaults": {
        "AuditEvent": ("audit", "allLogs"),
        "AzurePolicyEvaluationDetails": ("allLogs",),
    },
    "microsoft.network/azurefirewalls": dict.fromkeys(_FIREWALL, ("allLogs",)),
    "microsoft.network/networksecuritygroups": {
        "NetworkSecurityGroupEvent": ("allLogs",),
        "NetworkSecurityGroupRuleCounter": ("allLogs",),
    },
    "microsoft.containerservice/managedclusters": {
        "kube-apiserver": ("allLogs",),
        "kube-audit": ("audit", "allLogs"),
        "kube-audit-admin": ("audit", "allLogs"),
        "kube-controller-manager": ("allLogs",),
        "kube-scheduler": ("allLogs",),
        "guard": ("audit", "allLogs"),
    },
    "microsoft.sql/servers/databases": {
        "SQLSecurityAuditEvents": ("audit", "allLogs"),
        "Errors": ("allLogs",),
        "Timeouts": ("allLogs",),
    },
    "microsoft.web/sites": {
        "AppServiceHTTPLogs": ("allLogs",),
        "AppServiceConsoleLogs": ("allLogs",),
        "AppServiceAuditLogs": ("audit", "allLogs"),
        "FunctionAppLogs": ("allLogs",),
    },
    "microsoft.eventhub/namespaces": {
        "OperationalLogs": ("audit", "allLogs"),
        "KafkaUserErrorLogs": ("allLogs",),
        "RuntimeAuditLogs": ("audit", "allLogs"),
    },
}
"""Resource type in lower case -> category -> its category groups. Others offer metrics only."""


def of_resource(kind: str) -> dict[str, tuple[str, ...]]:
    """Categories of a resource of type ``kind``, with their category groups."""
    return RESOURCES.get(kind.lower(), {})
