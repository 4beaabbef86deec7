"""The Azure half of the control plane: sign-in, Azure Resource Manager, what it costs.

Everything here is asyncio and imports Microsoft's SDKs late, inside functions: the first line of
a command must not wait for them. Each public function raises ProblemError and nothing else.
"""
