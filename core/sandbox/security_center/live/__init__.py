"""What makes the emulated Security Center alive: data sources, policies, rules."""

from core.sandbox.security_center.live.live import Live

__all__ = ["Live"]
