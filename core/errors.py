"""Problems: what a user is told when something fails, always with its cause and its remedy.

Inside a package exceptions are free; at its edge they become a :class:`Problem`. Every
:class:`Code` has its own cause and remedy in ``resources/problems``; a test walks the enum.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import resources
from string import Template
from typing import Literal

Severity = Literal["error", "warning"]


class Code(StrEnum):
    """Every kind of problem that Isthmus can name."""

    PROFILE_NOT_FOUND = "profile_not_found"
    PROFILE_NOT_READABLE = "profile_not_readable"
    PROFILE_NOT_TOML = "profile_not_toml"
    PROFILE_UNKNOWN_KEY = "profile_unknown_key"
    PROFILE_MISSING_KEY = "profile_missing_key"
    PROFILE_WRONG_TYPE = "profile_wrong_type"
    PROFILE_WRONG_VALUE = "profile_wrong_value"

    SECRET_REF_INVALID = "secret_ref_invalid"
    SECRET_MISSING = "secret_missing"
    SECRET_FILE_OPEN_TO_OTHERS = "secret_file_open_to_others"
    SECRET_STORE_UNAVAILABLE = "secret_store_unavailable"
    SECRET_NOT_WRITABLE = "secret_not_writable"

    NOT_APPLIED = "not_applied"
    APPLIED_UNREADABLE = "applied_unreadable"
    CONNECTION_STRING_INVALID = "connection_string_invalid"
    CONNECTION_STRING_OTHER_HUB = "connection_string_other_hub"
    CA_FILE_UNUSABLE = "ca_file_unusable"
    KAFKA_HOST_UNKNOWN = "kafka_host_unknown"
    KAFKA_REFUSED = "kafka_refused"
    KAFKA_NO_ANSWER = "kafka_no_answer"
    KAFKA_NOT_TLS = "kafka_not_tls"
    KAFKA_CERTIFICATE_UNTRUSTED = "kafka_certificate_untrusted"
    KAFKA_SIGN_IN_REFUSED = "kafka_sign_in_refused"
    KAFKA_HUB_NOT_FOUND = "kafka_hub_not_found"
    KAFKA_HUB_DENIED = "kafka_hub_denied"
    KAFKA_FAILED = "kafka_failed"

    LOG_SERVICE_HOST_UNKNOWN = "log_service_host_unknown"
    LOG_SERVICE_UNREACHABLE = "log_service_unreachable"
    LOG_SERVICE_CERTIFICATE_UNTRUSTED = "log_service_certificate_untrusted"
    LOG_SERVICE_UNAUTHORIZED = "log_service_unauthorized"
    LOG_SERVICE_PROJECT_NOT_FOUND = "log_service_project_not_found"
    LOG_SERVICE_LOGSTORE_NOT_FOUND = "log_service_logstore_not_found"
    LOG_SERVICE_CLOCK_WRONG = "log_service_clock_wrong"
    LOG_SERVICE_REFUSED = "log_service_refused"
    LOG_SERVICE_DOWN = "log_service_down"
    LOG_SERVICE_THROTTLED = "log_service_throttled"

    ENGINE_ALREADY_RUNNING = "engine_already_running"
    ENGINE_NOT_RUNNING = "engine_not_running"
    ENGINE_NOT_ANSWERING = "engine_not_answering"
    ENGINE_STREAM_REFUSED = "engine_stream_refused"
    CONTROL_PORT_UNUSABLE = "control_port_unusable"
    HEALTH_ADDRESS_UNUSABLE = "health_address_unusable"
    FILTER_INVALID = "filter_invalid"
    STATE_FOLDER_UNUSABLE = "state_folder_unusable"
    DEAD_LETTERS_FULL = "dead_letters_full"
    DEAD_LETTERS_NOT_WRITABLE = "dead_letters_not_writable"
    DEAD_LETTERS_DAMAGED = "dead_letters_damaged"
    DEAD_LETTER_NOT_FOUND = "dead_letter_not_found"
    EXPORT_WOULD_OVERWRITE = "export_would_overwrite"
    EXPORT_NOT_WRITABLE = "export_not_writable"
    DATA_GAP = "data_gap"
    STOP_INCOMPLETE = "stop_incomplete"
    NEVER_RUN = "never_run"
    RECORDS_MISSING = "records_missing"
    PROOF_FAILED = "proof_failed"

    SANDBOX_PARTS_NOT_INSTALLED = "sandbox_parts_not_installed"
    SANDBOX_NOT_STARTED = "sandbox_not_started"
    SANDBOX_NOT_RUNNING = "sandbox_not_running"
    SANDBOX_FOLDER_IN_USE = "sandbox_folder_in_use"
    SCENARIO_UNKNOWN = "scenario_unknown"

    WINDOW_NOT_INSTALLED = "window_not_installed"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong, in words.

    Attributes:
        code: its kind.
        severity: ``error`` stops what was asked for; ``warning`` does not.
        where: the field, file or stage it was found at.
        cause: one sentence: why.
        remedy: one sentence: what to do next.
        detail: the technical text behind it, already redacted; may be empty.
    """

    code: Code
    severity: Severity
    where: str
    cause: str
    remedy: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """The problem as the command line's JSON shows it."""
        return {key: str(value) for key, value in asdict(self).items()}


class ProblemError(Exception):
    """Carries a :class:`Problem` to the edge that shows it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.where}: {problem.cause}")
        self.problem = problem


def problem(code: Code, where: str, detail: str = "", **parameters: object) -> Problem:
    """Build the problem ``code``; ``parameters`` fill the ``$name`` places of its texts.

    ``detail`` must be redacted by the caller (``core.secrets.redaction.redact_text``).
    Raises KeyError when a text names a parameter that was not given.
    """
    entry = catalogue()[code]
    values = {"where": where, **parameters}
    return Problem(
        code=code,
        severity="warning" if entry.get("severity") == "warning" else "error",
        where=where,
        cause=Template(entry["cause"]).substitute(values),
        remedy=Template(entry["remedy"]).substitute(values),
        detail=detail,
    )


def problem_error(code: Code, where: str, detail: str = "", **parameters: object) -> ProblemError:
    """The exception that carries ``problem(code, where, detail, **parameters)``."""
    return ProblemError(problem(code, where, detail, **parameters))


@functools.cache
def catalogue(language: str = "en") -> dict[str, dict[str, str]]:
    """Code -> {cause, remedy[, severity]} from ``resources/problems/<language>.toml``."""
    text = resources.files("resources").joinpath("problems", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
