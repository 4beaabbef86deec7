"""The dead-letter queue: what cannot become a log is kept on disk, byte for byte.

Segment files ``<n>.dlq`` of frames: magic ``IDLQ``, length and CRC-32 of the payload (4 bytes
each, big-endian), payload (JSON). A letter counts as kept once :meth:`DeadLetterQueue.sync` has
returned; only then may the offset of its message be committed.

``core.engine.dead_letter_reader`` reads a queue for people: ids, times, what is damaged.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from core.engine.failpoints import armed, pass_point

MAGIC = b"IDLQ"
HEAD = struct.Struct(">4sII")
_SEGMENT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class DeadLetter:
    """A message, or some records of one, that could not be stored.

    Attributes:
        hub_id: the hub, as ``event_uid`` names it.
        partition, offset: where the message is in the hub.
        timestamp_ms: the message's timestamp (epoch milliseconds).
        stage: parse, encode or put_logs.
        causes: index in the message's array -> cause; index -1 means the message as a whole.
        raw: the message's value; of stage put_logs: the encoded log.
    """

    hub_id: str
    partition: int
    offset: int
    timestamp_ms: int
    stage: str
    causes: dict[int, str]
    raw: bytes

    @property
    def key(self) -> tuple[str, int, int, int]:
        """What tells one message from all others, also after a replay."""
        return self.hub_id, self.partition, self.offset, self.timestamp_ms


class DeadLetterQueueFullError(Exception):
    """The queue has reached its bound on disk."""


class DeadLetterQueue:
    """Appends letters. One thread only."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Open the queue in ``folder``; a torn end, left by a crash, is cut off.

        Raises OSError.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._limit = limit_bytes
        segments = sorted(folder.glob("*.dlq"))
        self._number = int(segments[-1].stem) if segments else 1
        self._older_bytes = sum(path.stat().st_size for path in segments[:-1])
        self._file: IO[bytes] = self._open(self._number)
        self._cut_torn_end()
        self._good = self._file.tell()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._older_bytes + self._good

    def append(self, letter: DeadLetter) -> None:
        """Write ``letter``; call :meth:`sync` before relying on it.

        Raises OSError or DeadLetterQueueFullError; nothing of the letter is left behind then.
        """
        payload = _payload(letter)
        frame = HEAD.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload
        if self.size and self.size + len(frame) > self._limit:
            self._look_again()
            if self.size and self.size + len(frame) > self._limit:
                raise DeadLetterQueueFullError
        try:
            if armed("mid_dlq_write"):
                self._write(frame[: len(frame) // 2])
                pass_point("mid_dlq_write")
                self._file.seek(self._good)
            self._write(frame)
        except OSError:
            self._file.seek(self._good)
            self._file.truncate()
            raise
        self._good += len(frame)

    def sync(self) -> None:
        """Make sure that the letters are on disk. Raises OSError."""
        os.fsync(self._file.fileno())
        if self._good >= _SEGMENT_BYTES:
            self._next_segment()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _next_segment(self) -> None:
        following = self._open(self._number + 1)
        self._file.close()
        self._older_bytes += self._good
        self._number, self._file, self._good = self._number + 1, following, 0

    def _look_again(self) -> None:
        """An operator may have made room by taking segments away, the open one too."""
        if not self._path(self._number).exists():
            self._next_segment()
        segments = [path for path in self._folder.glob("*.dlq") if int(path.stem) < self._number]
        self._older_bytes = sum(path.stat().st_size for path in segments)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.dlq"

    def _open(self, number: int) -> IO[bytes]:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(self._path(number), flags, 0o600), "r+b", buffering=0)
        _sync_folder(self._folder)
        return file

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:  # an unbuffered write may take only a part
            view = view[self._file.write(view) :]

    def _cut_torn_end(self) -> None:
        """Cut off a frame that a crash left half-written: its message was never committed.

        A frame of full length whose checksum is wrong may have been a letter that counted: it
        stays, so that ``dead-letters`` goes on telling of it; readers find the next frame by MAGIC.
        """
        data = self._file.read()
        end = max((end for _, end in frames(data)), default=0)
        rest = data[end:]
        if len(rest) >= HEAD.size:
            magic, size, _ = HEAD.unpack_from(rest)
            if magic == MAGIC and len(rest) >= HEAD.size + size:
                end = len(data)
        self._file.seek(end)
        self._file.truncate()


def _sync_folder(folder: Path) -> None:
    """Make sure that a new file's name is on disk too, where the system can do that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_dead_letters(folder: Path) -> Iterator[DeadLetter]:
    """All letters in ``folder``, oldest first; broken frames are passed over.

    A letter may come twice after a crash; ``key`` tells.
    """
    for path in sorted(folder.glob("*.dlq")):
        for payload, _ in frames(path.read_bytes()):
            with contextlib.suppress(ValueError):
                yield read_payload(payload)[0]


def frames(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Payloads of the whole frames in ``data`` and where each frame ends."""
    at = data.find(MAGIC)
    while at >= 0 and at + HEAD.size <= len(data):
        _, size, crc = HEAD.unpack_from(data, at)
        payload = data[at + HEAD.size : at + HEAD.size + size]
        if len(payload) == size and zlib.crc32(payload) == crc:
            end = at + HEAD.size + size
            yield payload, end
            at = data.find(MAGIC, end)
        else:
            at = data.find(MAGIC, at + 1)


def _payload(letter: DeadLetter) -> bytes:
    return msgspec.json.encode(
        {
            "v": 1,
            "written": time.time(),
            "hub_id": letter.hub_id,
            "partition": letter.partition,
            "offset": letter.offset,
            "timestamp_ms": letter.timestamp_ms,
            "stage": letter.stage,
            "causes": {str(index): cause for index, cause in letter.causes.items()},
            "sha256": hashlib.sha256(letter.raw).hexdigest(),
            "raw": base64.b64encode(letter.raw).decode(),
        }
    )


class _Payload(msgspec.Struct):
    v: int
    written: float
    hub_id: str
    partition: int
    offset: int
    timestamp_ms: int
    stage: str
    causes: dict[int, str]
    sha256: str
    raw: str


_decode_payload = msgspec.json.Decoder(_Payload).decode


def read_payload(payload: bytes) -> tuple[DeadLetter, float]:
    """The letter of a frame, and when it was written (epoch seconds).

    Raises ValueError when it is none of this version's, or its content is not what was written.
    """
    data = _decode_payload(payload)
    if data.v != 1:
        raise ValueError(f"it was written in version {data.v} of the format")
    raw = base64.b64decode(data.raw, validate=True)
    if hashlib.sha256(raw).hexdigest() != data.sha256:
        raise ValueError("its content does not fit its SHA-256")
    letter = DeadLetter(
        hub_id=data.hub_id,
        partition=data.partition,
        offset=data.offset,
        timestamp_ms=data.timestamp_ms,
        stage=data.stage,
        causes=data.causes,
        raw=raw,
    )
    return letter, data.written
