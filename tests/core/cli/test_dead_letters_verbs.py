"""``isthmus dead-letters``: every letter can be found, read safely and taken out unchanged."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import stat
import threading
import tomllib
import zlib
from importlib import resources
from pathlib import Path

import pytest
import typer
from aliyun.log.log_logs_pb2 import Log
from typer.testing import CliRunner

from core.cli import app
from core.engine.dead_letters import DeadLetter, DeadLetterQueue, read_dead_letters
from core.profile import load_profile
from core.records.envelope import CAUSES

SECRET = "Zm9ycGVvcGxlMTIzNDU2Nzg5MA=="
ACCESS_KEY_SECRET = "NoShapeOfASecret0815"
MESSAGE_TIME = 1_764_000_000_123  # 2025-11-24T16:00:00.123Z

PROFILE = """
schema_version = 1
name = "letters"
[kafka]
bootstrap = "127.0.0.1:9093"
topic = "azure-logs"
connection_string = "file:kafka.secret"
[alibaba]
region = "ap-southeast-1"
access_key_id = "LTAIexample"
access_key_secret = "file:alibaba.secret"
[log_service]
project = "contoso-soc"
logstore = "azure"
"""


def letter(offset: int, raw: bytes, **changes) -> DeadLetter:
    values = {
        "hub_id": "0badcafe",
        "partition": 3,
        "offset": offset,
        "timestamp_ms": MESSAGE_TIME,
        "stage": "parse",
        "causes": {-1: "not_json"},
        "raw": raw,
    }
    return DeadLetter(**(values | changes))


class Desk:
    """A profile, its queue, and the program at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.profile = folder / "letters.toml"
        self.profile.write_text(PROFILE, "utf-8")
        for name, text in (
            ("kafka", f"Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey={SECRET}"),
            ("alibaba", ACCESS_KEY_SECRET),
        ):
            path = folder / f"{name}.secret"
            path.touch(0o600)
            path.write_text(text, "utf-8")
        self.queue = load_profile(str(self.profile)).state_folder / "dead-letters"

    def keep(self, *letters: DeadLetter) -> None:
        queue = DeadLetterQueue(self.queue, 1 << 30)
        for each in letters:
            queue.append(each)
        queue.sync()
        queue.close()

    def run(self, *words: object, code: int = 0) -> tuple[str, str]:
        """Standard output and standard error of a verb that must end with ``code``."""
        done = CliRunner().invoke(
            app, ["dead-letters", *map(str, words), "--profile", str(self.profile)]
        )
        assert done.exit_code == code, (done.exit_code, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def values(self, *words: object, code: int = 0) -> list[dict]:
        return [json.loads(line) for line in self.run(*words, "--json", code=code)[0].splitlines()]

    def ids(self) -> list[str]:
        return [row["id"] for row in self.values("list", "--limit", 0, code=0)[:-1]]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


VARIOUS = (
    letter(0, b"no json"),
    letter(1, b"\xff", causes={-1: "invalid_utf8"}, partition=0, timestamp_ms=0),
    letter(
        2,
        b'{"records": [{"a": 1}, 5, "text"]}',
        stage="encode",
        causes={1: "record_not_an_object", 2: "record_not_an_object"},
    ),
    letter(4, b"[]", stage="encode", causes={0: "refused:ParameterInvalid", 7: "too_large"}),
)


# list


def test_without_a_state_folder_there_are_no_dead_letters(desk):
    assert desk.run("list")[0] == "no dead letters\n"
    (totals,) = desk.values("list")
    assert (totals["letters"], totals["problem"]) == (0, None)
    assert desk.run("export", "--all", "--to", desk.folder / "out")[0] == "no dead letters\n"
    assert not (desk.folder / "out").exists()
    assert not desk.queue.exists()


def test_list_tells_what_happened_the_newest_last(desk):
    desk.keep(*VARIOUS)
    *rows, totals = desk.values("list")
    assert [row["offset"] for row in rows] == [0, 1, 2, 4]
    assert rows[0] == rows[0] | {
        "partition": 3,
        "hub_id": "0badcafe",
        "timestamp_ms": MESSAGE_TIME,
        "timestamp": "2025-11-24T16:00:00.123Z",
        "stage": "parse",
        "causes": {"not_json": 1},
        "words": "it is not JSON and could not be repaired",
        "records": 1,
        "bytes": 7,
    }
    assert rows[1]["timestamp"] == "unknown"
    assert rows[2]["causes"] == {"record_not_an_object": 2}
    assert rows[3]["words"] == (
        "Log Service refused it (ParameterInvalid); it makes a log of more than 1 MB"
    )
    assert totals == {
        "letters": 4,
        "records": 6,
        "bytes": sum(len(each.raw) for each in VARIOUS),
        "shown": 4,
        "causes": {
            "record_not_an_object": 2,
            "not_json": 1,
            "invalid_utf8": 1,
            "refused:ParameterInvalid": 1,
            "too_large": 1,
        },
        "damaged": [],
        "unfinished_bytes": 0,
        "problem": None,
    }
    words = desk.run("list")[0].splitlines()
    assert len(words) == 6
    assert words[1].startswith(rows[0]["id"])
    assert words[1].endswith("it is not JSON and could not be repaired")
    assert words[-1].startswith("4 dead letters of 6 records, 44 bytes: 2 record_not_an_object")


@pytest.mark.parametrize(
    ("words", "offsets"),
    [
        (["--cause", "not_json"], [0]),
        (["--cause", "REFUSED"], [4]),
        (["--cause", "refused:ParameterInvalid"], [4]),
        (["--cause", "ref"], []),
        (["--partition", "0"], [1]),
        (["--partition", "9"], []),
        (["--partition", "3", "--limit", "2"], [2, 4]),
        (["--limit", "1"], [4]),
        (["--limit", "0"], [0, 1, 2, 4]),
    ],
)
def test_list_is_narrowed_down(desk, words, offsets):
    desk.keep(*VARIOUS)
    *rows, totals = desk.values("list", *words)
    assert [row["offset"] for row in rows] == offsets
    assert totals["shown"] == len(offsets)
    expected = {"0": 4, "1": 4, "2": 3}.get(words[-1]) if "--limit" in words else len(offsets)
    assert totals["letters"] == expected


def test_the_totals_count_more_than_is_shown(desk):
    desk.keep(*(letter(offset, b"x") for offset in range(150)))
    *rows, totals = desk.values("list")
    assert [row["offset"] for row in rows] == list(range(50, 150))
    assert (totals["letters"], totals["shown"]) == (150, 100)
    assert "150 dead letters" in desk.run("list")[0]
    assert "the newest 100 shown" in desk.run("list")[0]


def test_an_id_stays_the_same_wherever_the_letter_is_kept(desk):
    desk.keep(*VARIOUS)
    first = desk.ids()
    assert len(set(first)) == 4
    (segment,) = desk.queue.glob("*.dlq")
    segment.unlink()
    desk.keep(*reversed(VARIOUS))
    assert desk.ids() == first[::-1]


def test_letters_of_one_message_have_ids_of_their_own_and_a_letter_written_twice_has_one(desk):
    refused = [letter(9, b"log", stage="put_logs", causes={index: "refused:X"}) for index in (0, 1)]
    desk.keep(letter(9, b"[1]"), *refused, letter(9, b"[1]"), *refused)
    assert len(desk.ids()) == 3
    assert len(set(desk.ids())) == 3


# beside a running import, and after damage


def test_it_reads_while_an_import_writes(desk):
    queue = DeadLetterQueue(desk.queue, 1 << 30)
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set() and written < 2_000:
            queue.append(letter(written, b"x" * 200))
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = 0
        for _ in range(6):
            *_, totals = desk.values("list", "--limit", 1)
            assert totals["problem"] is None
            assert totals["letters"] >= seen
            seen = totals["letters"]
    finally:
        stop.set()
        writer.join()
        queue.close()
    assert len(desk.ids()) == written > 0


@pytest.mark.parametrize("size", [1, 4, 11, 12, 100])
def test_a_half_written_letter_at_the_end_is_no_error(desk, size):
    desk.keep(*VARIOUS)
    (segment,) = desk.queue.glob("*.dlq")
    segment.write_bytes(segment.read_bytes() + segment.read_bytes()[:size])
    *rows, totals = desk.values("list")
    assert len(rows) == 4
    assert (totals["unfinished_bytes"], totals["damaged"]) == (size, [])
    assert f"the last {size} bytes" in desk.run("list")[1]


def ends(data: bytes) -> list[int]:
    """Where each frame ends, read by the format's description."""
    found, at = [], 0
    while at < len(data):
        at += 12 + int.from_bytes(data[at + 4 : at + 8], "big")
        found.append(at)
    return found


def test_damage_is_named_with_its_place_and_costs_no_other_letter(desk):
    desk.keep(*VARIOUS)
    (segment,) = desk.queue.glob("*.dlq")
    data = bytearray(segment.read_bytes())
    first, second, *_ = ends(bytes(data))
    data[first + 40] ^= 0xFF
    segment.write_bytes(b"rubbish" + data)
    *rows, totals = desk.values("list", code=1)
    assert [row["offset"] for row in rows] == [0, 2, 4]
    assert [(each["file"], each["first"], each["end"]) for each in totals["damaged"]] == [
        ("00000001.dlq", 0, 7),
        ("00000001.dlq", first + 7, second + 7),
    ]
    assert totals["problem"]["code"] == "dead_letters_damaged"
    said, told = desk.run("list", code=1)
    assert "3 dead letters" in said
    assert f"00000001.dlq, bytes {first + 7} to {second + 6}: a letter whose checksum" in told
    # What is whole can be shown and taken out; that something is missing is said.
    assert "Dead letter" in desk.run("show", rows[-1]["id"])[0]
    out = desk.folder / "out"
    *_, result = desk.values("export", "--all", "--to", out, code=1)
    assert (result["exported"], result["problem"]["code"]) == (3, "dead_letters_damaged")
    assert sorted(path.read_bytes() for path in out.glob("*.raw")) == sorted(
        each.raw for each in VARIOUS if each.offset != 1
    )


def test_a_truncated_segment_that_is_not_the_last_is_damage(desk):
    desk.keep(*VARIOUS)
    (segment,) = desk.queue.glob("*.dlq")
    segment.with_name("00000002.dlq").write_bytes(b"")
    data = segment.read_bytes()
    segment.write_bytes(data[:-5])
    *rows, totals = desk.values("list", code=1)
    assert len(rows) == 3
    (damage,) = totals["damaged"]
    assert (damage["first"], damage["end"]) == (ends(data)[-2], len(data) - 5)
    assert damage["reason"] == "the file ends inside a letter"


def test_a_letter_of_another_version_is_named_and_left_alone(desk):
    desk.keep(*VARIOUS)
    (segment,) = desk.queue.glob("*.dlq")
    payload = b'{"v":2,"raw":"?"}'
    head = b"IDLQ" + len(payload).to_bytes(4, "big") + zlib.crc32(payload).to_bytes(4, "big")
    segment.write_bytes(head + payload + segment.read_bytes())
    *rows, totals = desk.values("list", code=1)
    assert len(rows) == 4
    assert "unknown form" in totals["damaged"][0]["reason"]
    assert len(list(read_dead_letters(desk.queue))) == 4


def test_a_segment_that_cannot_be_opened_is_named(desk):
    desk.keep(*VARIOUS)
    (desk.queue / "00000000.dlq").mkdir()  # root reads any file, but no folder
    *rows, totals = desk.values("list", code=1)
    assert len(rows) == 4
    assert totals["damaged"][0]["file"] == "00000000.dlq"
    assert "cannot be read" in totals["damaged"][0]["reason"]


# show


def shown(desk: Desk, kept: DeadLetter, *words: str) -> str:
    desk.keep(kept)
    return desk.run("show", desk.ids()[-1], *words)[0]


def test_show_points_at_the_byte_where_parsing_stops(desk):
    text = shown(desk, letter(0, b'{"records": [{"a": 1}, {"b": oops}]}'))
    assert "  cause      not_json: it is not JSON and could not be repaired" in text
    assert "  error      byte 29: " in text
    row, caret = text[text.index("Content as text") :].splitlines()[1:3]
    assert row == '        0  {"records": [{"a": 1}, {"b": oops}]}'
    assert row[caret.index("^")] == "o"
    assert "partition 3, offset 0, 2025-11-24T16:00:00.123Z, hub 0badcafe" in text


def test_show_is_safe_on_a_terminal(desk):
    raw = b'{"a": "\x1b]0;title\x07 \xc2\x9b2J \xe2\x80\xae \r\n'
    text = shown(desk, letter(0, raw, causes={-1: "not_json\x1b[2J"}))
    listed = desk.run("list")[0]
    for each in (text + listed).replace("\n", ""):
        assert each.isprintable()
    assert "\\x1b]0;title\\x07 \\x9b2J \\u202e \\x0d\\x0a" in text
    answer = desk.run("show", desk.ids()[0], "--json")[0]
    assert answer.strip("\n").isprintable()


def test_show_dumps_what_is_no_text(desk):
    raw = b'{"a": "\xff\xfe' + bytes(range(256)) * 20
    text = shown(desk, letter(0, raw, causes={-1: "invalid_utf8"}))
    assert "byte 7: this byte is not UTF-8" in text
    row, caret, *_ = text[text.index("Content as hex") :].splitlines()[1:]
    assert row.startswith("        0  7b 22 61 22 3a 20 22 ff fe 00 01")
    assert row.endswith('{"a": ".........')
    assert row[caret.index("^") :].startswith("ff")
    assert len(text) < 12_000
    assert "(--full shows all of it)" in text
    whole = desk.run("show", desk.ids()[0], "--full")[0]
    assert len([line for line in whole.splitlines() if len(line) > 70]) >= len(raw) // 16


def test_a_long_message_is_shown_around_the_place_unless_all_is_asked_for(desk):
    raw = b'{"records": [' + b'{"name": "\xc3\xa9\xc3\xa9\xc3\xa9"},' * 5_000 + b"oops]}"
    text = shown(desk, letter(0, raw))
    assert len(text) < 6_000
    assert "oops" in text
    place = raw.index(b"oops")
    assert f"byte {place:,}: " in text
    lines = text.splitlines()
    caret = next(number for number, line in enumerate(lines) if line.strip() == "^")
    assert lines[caret - 1][lines[caret].index("^") :].startswith("oops")
    start = int(lines[caret - 1][:9].replace(",", ""))
    assert (
        lines[caret - 1][11:].encode() == raw[start : start + len(lines[caret - 1][11:].encode())]
    )
    full = desk.run("show", desk.ids()[0], "--full")[0]
    assert (
        "".join(
            line[11:] for line in full[full.index("Content") :].splitlines()[1:] if "^" not in line
        )
        == raw.decode()
    )


def test_show_names_the_records_that_failed(desk):
    raw = b'{"records": [{"a": 1}, 5, {"name": "' + b"x" * 2_000 + b'"}]}'
    causes = {1: "record_not_an_object", 2: "too_large"}
    text = shown(desk, letter(0, raw, stage="encode", causes=causes))
    assert "  record     1: record_not_an_object  5\n" in text
    assert '  record     2: too_large  {"name": "xxx' in text
    many = dict.fromkeys(range(5_000), "too_large")
    text = shown(desk, letter(1, b"[]", stage="encode", causes=many))
    assert "4,990 more (--full)" in text
    assert len(text) < 6_000


def test_show_reads_a_refused_log_and_compressed_text(desk):
    log = Log(Time=1)
    for key, value in (("event_uid", "0badcafe.3.1.0.0/1"), ("note", "a\x1bb")):
        content = log.Contents.add()
        content.Key, content.Value = key, value
    raw = log.SerializeToString()
    text = shown(desk, letter(0, raw, stage="put_logs", causes={0: "refused:Bad"}))
    assert "  event_uid: 0badcafe.3.1.0.0/1\n  note: a\\x1bb\n" in text
    assert "--full" not in text
    text = shown(desk, letter(1, gzip.compress(b"hello, this is no JSON")))
    assert "hello, this is no JSON" in text
    assert "gzip; the kept bytes are unchanged" in text


@pytest.mark.parametrize("raw", [b"", b"\0", b"{", b'"', b"\xff", b"[" * 5000, b"\x1f\x8b\x08 no"])
def test_show_takes_any_bytes(desk, raw):
    for stage in ("parse", "encode", "put_logs"):
        assert "Dead letter" in shown(desk, letter(len(raw), raw, stage=stage))


@pytest.mark.parametrize("form", ["{}", '{{"a": "{}", oops', "\xff {} \xff"])
def test_a_secret_is_never_shown(desk, form):
    held = f"SharedAccessKey={SECRET};EntityPath=x {ACCESS_KEY_SECRET} {SECRET}"
    raw = form.replace("{{", "{").replace("{}", held).encode("latin-1")
    record = json.dumps([{"key": held}]).encode()
    log = Log(Time=1)
    content = log.Contents.add()
    content.Key, content.Value = "properties", held
    desk.keep(
        letter(0, raw),
        letter(1, record, stage="encode", causes={0: "too_large"}),
        letter(2, log.SerializeToString(), stage="put_logs", causes={0: "refused:X"}),
        letter(3, gzip.compress(raw)),
    )
    for letter_id in desk.ids():
        for words in ([], ["--full"], ["--json"]):
            text = "".join(desk.run("show", letter_id, *words))
            # A row of a dump may break a secret in two, so rows are joined as well.
            rows = "".join(line[11:].strip() for line in text.splitlines())
            signs = "".join(line[-16:] for line in text.splitlines())
            for secret in (SECRET, ACCESS_KEY_SECRET):
                assert secret not in text
                assert secret not in rows
                assert secret not in signs
            assert "redacted" in text + rows + signs


def test_show_of_a_letter_that_is_not_there(desk):
    desk.keep(*VARIOUS)
    (answer,) = desk.values("show", "3.0.ffffffff", code=1)
    assert answer["problem"]["code"] == "dead_letter_not_found"
    assert "list --limit 0" in answer["problem"]["remedy"]


# export


def test_export_to_a_folder_gives_bytes_and_what_a_replay_needs(desk):
    raws = [b"no json", bytes(range(256)), b""]
    letters = [letter(offset, raw) for offset, raw in enumerate(raws)]
    desk.keep(*letters)
    out = desk.folder / "deep" / "out"
    (result,) = desk.values("export", "--all", "--to", out)
    assert (result["exported"], result["bytes"], result["form"]) == (3, 263, "folder")
    for letter_id, kept in zip(desk.ids(), letters, strict=True):
        assert (out / f"{letter_id}.raw").read_bytes() == kept.raw
        told = json.loads((out / f"{letter_id}.json").read_text("utf-8"))
        assert told["raw_file"] == f"{letter_id}.raw"
        assert told["sha256"] == hashlib.sha256(kept.raw).hexdigest()
        assert again(told, kept.raw) == kept
    assert len(list(out.iterdir())) == 6
    for path in out.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def again(told: dict, raw: bytes) -> DeadLetter:
    """The letter, made of what was exported only."""
    names = ("hub_id", "partition", "offset", "timestamp_ms", "stage")
    causes = {each["index"]: each["cause"] for each in told["causes"]}
    return DeadLetter(**{name: told[name] for name in names}, causes=causes, raw=raw)


def test_export_to_one_file_in_json_lines(desk):
    desk.keep(*VARIOUS)
    out = desk.folder / "letters.jsonl"
    said, _ = desk.run("export", "--all", "--to", out)
    assert said == f"4 dead letters with 44 bytes written to {out}\n"
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [again(each, base64.b64decode(each["raw"])) for each in lines] == list(VARIOUS)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not list(desk.folder.glob(".*.part"))


def test_export_of_some_letters(desk):
    desk.keep(*VARIOUS)
    _, second, _, fourth = desk.ids()
    out = desk.folder / "out"
    (result,) = desk.values("export", fourth, second, second, "--to", out)
    assert result["exported"] == 2
    assert {path.stem for path in out.iterdir()} == {second, fourth}
    (answer,) = desk.values("export", second, "3.9.00000000", "--to", desk.folder / "no", code=1)
    assert answer["problem"]["code"] == "dead_letter_not_found"
    assert not (desk.folder / "no").exists()


@pytest.mark.parametrize("name", ["out", "out.jsonl"])
def test_export_replaces_nothing_unless_told_to(desk, name):
    desk.keep(*VARIOUS)
    out = desk.folder / name
    taken = out if out.suffix else out / f"{desk.ids()[2]}.json"
    taken.parent.mkdir(exist_ok=True)
    taken.write_text("mine")
    (answer,) = desk.values("export", "--all", "--to", out, code=1)
    assert answer["problem"]["code"] == "export_would_overwrite"
    assert str(taken) in answer["problem"]["cause"]
    assert taken.read_text() == "mine"
    assert list(taken.parent.glob("*.raw")) == []
    (result,) = desk.values("export", "--all", "--to", out, "--force")
    assert result["exported"] == 4
    assert taken.read_text() != "mine"
    assert stat.S_IMODE(taken.stat().st_mode) == 0o600


@pytest.mark.parametrize("target", ["a-file/out", "a-file/out.jsonl", "none/out.jsonl"])
def test_export_to_where_nothing_can_be_written(desk, target):
    desk.keep(*VARIOUS)
    (desk.folder / "a-file").write_text("x")
    (answer,) = desk.values("export", "--all", "--to", desk.folder / target, code=1)
    assert answer["problem"]["code"] == "export_not_writable"
    assert not list(desk.folder.rglob("*.part"))


# usage


@pytest.mark.parametrize(
    "words",
    [
        ["export", "--to", "x"],
        ["export", "id", "--all", "--to", "x"],
        ["export", "--all"],
        ["show"],
        ["list", "--limit", "-1"],
        ["list", "--partition", "x"],
        ["nonsense"],
    ],
)
def test_usage_errors_exit_2(desk, words):
    desk.run(*words, code=2)


@pytest.mark.parametrize("verb", ["list", "show", "export"])
def test_each_option_is_explained(verb):
    group = typer.main.get_command(app).get_command(None, "dead-letters")
    for option in group.commands[verb].params:
        if option.name != "help":
            assert getattr(option, "help", None), option.name
    done = CliRunner().invoke(app, ["dead-letters", verb, "--help"])
    assert done.exit_code == 0
    assert "--profile" in done.stdout


def test_every_cause_has_words():
    texts = tomllib.loads(resources.files("resources").joinpath("dead_letters.toml").read_text())
    of_records = ("record_not_an_object", "too_large", "refused")
    assert set(texts["causes"]) == {*CAUSES, *of_records}
    assert set(texts["stages"]) == {"parse", "encode", "put_logs"}
