"""The emulator's own written form of the protobuf is the SDK's, field by field."""

from __future__ import annotations

import pytest
from aliyun.log import log_logs_pb2

from core.sandbox.log_service.messages import LogGroup


def fields_of(descriptor) -> dict[int, tuple]:
    return {
        field.number: (
            field.name,
            field.type,
            field.label,
            field.message_type and field.message_type.name,
        )
        for field in descriptor.fields
    }


def nested(descriptor, name: str):
    """The message ``name`` somewhere below ``descriptor``."""
    if descriptor.name == name:
        return descriptor
    found = [nested(field.message_type, name) for field in descriptor.fields if field.message_type]
    return next((each for each in found if each is not None), None)


@pytest.mark.parametrize("name", ["LogGroup", "Log", "Content", "LogTag"])
def test_each_message_is_the_sdks(name):
    ours = fields_of(nested(LogGroup.DESCRIPTOR, name))
    theirs = fields_of(nested(log_logs_pb2.LogGroup.DESCRIPTOR, name))
    assert ours == theirs
