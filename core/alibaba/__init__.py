"""Alibaba Cloud: Log Service (SLS) today; its control plane and Security Center come later."""
