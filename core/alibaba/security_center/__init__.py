"""Security Center's analysis half (Agentic SOC): data sources, rules, policies, alerts, incidents.

Over the SDK ``alibabacloud-cloud-siem20241212``, unchanged. Names and shapes of the operations:
"Security Center API reference: cloud-siem 2024-12-12".
"""

from core.alibaba.security_center.client import SecurityCenter

__all__ = ["SecurityCenter"]
