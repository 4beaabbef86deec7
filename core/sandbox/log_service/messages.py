"""The protobuf messages of Log Service, written down from its documentation.

LogGroup{1 Logs, 2 Reserved, 3 Topic, 4 Source, 5 MachineUUID, 6 LogTags}; LogTag{1 Key, 2 Value};
Log{1 Time, 2 Contents, 4 Time_ns fixed32}; Content{1 Key, 2 Value}. (Alibaba Cloud: SLS "Data
encoding".) Three views of the same bytes serve three questions: what is in it, which keys its logs
have, and how many logs there are. Parsing is protobuf's own, in C.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_Features = descriptor_pb2.FeatureSet
_TEXT, _BYTES, _MESSAGE = _Field.TYPE_STRING, _Field.TYPE_BYTES, _Field.TYPE_MESSAGE


@dataclass(frozen=True)
class Group:
    """A stored LogGroup.

    Attributes:
        position: its number in the shard, from 0.
        received_us: when it was received, epoch microseconds.
        logs: how many logs are in it.
        raw: its bytes as they were sent.
    """

    position: int
    received_us: int
    logs: int
    raw: bytes


def _schema(package: str, checks_utf8: bool) -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto",
        package=package,
        syntax="editions",
        edition=descriptor_pb2.EDITION_2023,
    )
    file.options.features.utf8_validation = _Features.VERIFY if checks_utf8 else _Features.NONE

    def message(name: str, *fields: tuple[str, int, Any, str]) -> None:
        added = file.message_type.add(name=name)
        for field_name, number, kind, more in fields:
            field = added.field.add(name=field_name, number=number, type=kind)
            field.label = _Field.LABEL_REPEATED if "*" in more else _Field.LABEL_OPTIONAL
            if more == "required":
                field.options.features.field_presence = _Features.LEGACY_REQUIRED
            if kind == _MESSAGE:
                field.type_name = f".{package}.{more.strip('*')}"

    pair = (("Key", 1, _TEXT, "required"), ("Value", 2, _TEXT, "required"))
    message("Content", *pair)
    message("LogTag", *pair)
    message(
        "Log",
        ("Time", 1, _Field.TYPE_UINT32, "required"),
        ("Contents", 2, _MESSAGE, "Content*"),
        ("Time_ns", 4, _Field.TYPE_FIXED32, ""),
    )
    message(
        "LogGroup",
        ("Logs", 1, _MESSAGE, "Log*"),
        ("Reserved", 2, _TEXT, ""),
        ("Topic", 3, _TEXT, ""),
        ("Source", 4, _TEXT, ""),
        ("MachineUUID", 5, _TEXT, ""),
        ("LogTags", 6, _MESSAGE, "LogTag*"),
    )
    message("Key", ("Key", 1, _BYTES, ""))
    message("Keys", ("Contents", 2, _MESSAGE, "Key*"))
    message("KeysOfLogs", ("Logs", 1, _MESSAGE, "Keys*"))
    message("RawLogs", ("Logs", 1, _BYTES, "*"))
    pool: Any = descriptor_pool.DescriptorPool()
    pool.Add(file)

    def find(name: str) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))

    return find


_checked = _schema("isthmus.sls", checks_utf8=True)
LogGroup: Any = _checked("LogGroup")
"""The whole message; parsing refuses text that is not UTF-8."""
Keys: Any = _checked("Keys")
"""One log, of which only the keys of its contents are known."""
KeysOfLogs: Any = _checked("KeysOfLogs")
"""A LogGroup of such logs."""
RawLogs: Any = _checked("RawLogs")
"""A LogGroup whose logs stay bytes."""
AnyTextLogGroup: Any = _schema("isthmus.sls.any_text", checks_utf8=False)("LogGroup")
"""The whole message with text of any bytes; it tells bad encoding from bad framing."""
