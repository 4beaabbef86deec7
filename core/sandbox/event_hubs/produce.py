"""Produce and InitProducerId."""

from __future__ import annotations

import asyncio

from core.sandbox.event_hubs.batches import read_header
from core.sandbox.event_hubs.codes import ErrorCode, RefusedError
from core.sandbox.event_hubs.policies import Right
from core.sandbox.event_hubs.request import HangupError, Request
from core.sandbox.event_hubs.wire import Writer

_Result = tuple[int, ErrorCode, str, int, int]  # partition, error, text, base offset, log start
_NO_TRANSACTIONS = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED  # clients give up at once


async def produce(request: Request) -> Writer | None:
    """Append record batches; acknowledged when the operating system has them."""
    body, version = request.body, request.version
    if version < 3:
        # Offered because librdkafka looks for it before it compresses; message formats 0 and 1
        # are not accepted (as in Apache Kafka 4: KAFKA-18659).
        raise HangupError("Produce below version 3")
    transactional = body.nullable_string() is not None
    acks = body.int16()
    timeout = body.int32() / 1000
    topics = body.array(
        lambda: (body.string(), body.array(lambda: (body.int32(), body.nullable_blob())))
    )
    refused = _NO_TRANSACTIONS if transactional else ErrorCode.NONE
    if acks not in (-1, 0, 1):
        refused = ErrorCode.INVALID_REQUIRED_ACKS
    throttle = request.broker.throttle
    delay = throttle.ingress.delay() if throttle else 0.0
    if delay > timeout:
        refused = refused or ErrorCode.POLICY_VIOLATION
    elif delay:
        await asyncio.sleep(delay)
    results = [
        (name, [_append(request, name, index, batch, refused) for index, batch in partitions])
        for name, partitions in topics
    ]
    if acks == 0:
        if any(result[1] for _, rows in results for result in rows):
            raise HangupError("refused a batch that wants no acknowledgement")
        return None
    return _answer(version, results, round(delay * 1000))


def _append(
    request: Request, hub: str, index: int, batch: memoryview | None, refused: ErrorCode
) -> _Result:
    batch = batch or memoryview(b"")
    try:
        if refused:
            raise RefusedError(refused)
        partition = request.partition(hub, index, Right.SEND)
        offset = partition.append(batch, request.broker.hubs.tier.codecs)
    except RefusedError as refusal:
        return index, refusal.code, refusal.text, -1, -1
    if request.broker.throttle:
        request.broker.throttle.ingress.charge(len(batch), read_header(batch).record_count)
    return index, ErrorCode.NONE, "", offset, partition.low


def _answer(version: int, results: list[tuple[str, list[_Result]]], throttle_ms: int) -> Writer:
    out = Writer()

    def partition(result: _Result) -> None:
        index, error, text, offset, log_start = result
        out.int32(index).int16(error).int64(offset).int64(-1)  # no log append time
        if version >= 5:
            out.int64(log_start)
        if version >= 8:
            out.int32(0).string(text or None)  # no errors of single records

    out.array(results, lambda topic: out.string(topic[0]).array(topic[1], partition))
    return out.int32(throttle_ms)


async def init_producer_id(request: Request) -> Writer:
    """A fresh id for an idempotent producer who may send; there are no transactions.

    The code for one who may not is Apache Kafka's; for Event Hubs it is EH-09.
    """
    transactional = request.body.nullable_string() is not None
    request.body.int32()
    if transactional:
        return Writer().int32(0).int16(_NO_TRANSACTIONS).int64(-1).int16(-1)
    if not request.grant.allows(Right.SEND):
        denied = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
        return Writer().int32(0).int16(denied).int64(-1).int16(-1)
    producer_id = request.broker.new_producer_id()
    return Writer().int32(0).int16(ErrorCode.NONE).int64(producer_id).int16(0)
