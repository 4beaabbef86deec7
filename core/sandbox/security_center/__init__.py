"""A local Security Center (Agentic SOC): its API, its state, and what makes it alive.

Names and shapes: Alibaba Cloud SDK for Python ``alibabacloud_cloud_siem20241212``. What no document
tells is written down as assumption SC-01 and following in docs/assumptions.md.
"""
