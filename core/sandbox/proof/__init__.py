"""The proof: each record that was sent is in the Logstore, once, with every field as it was.

It shares nothing with the importer: it reads by PullLogs with the SDK, knows records by the
generator's own id, and holds its own written form of what a stored log must be.
"""

from core.sandbox.proof.analysis import Analysis, prove_analysis
from core.sandbox.proof.compare import Difference, differences
from core.sandbox.proof.logstore import LogServiceAccess, ReadError, StoredLog
from core.sandbox.proof.prove import Proof, prove

__all__ = [
    "Analysis",
    "Difference",
    "LogServiceAccess",
    "Proof",
    "ReadError",
    "StoredLog",
    "differences",
    "prove",
    "prove_analysis",
]
