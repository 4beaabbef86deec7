"""The jars of Apache Kafka: fetched once by Maven, checked against their hashes at every use."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import filelock

PINS_FILE = Path(__file__).with_name("apache_kafka.toml")
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_OLDEST_JAVA = 17
_FETCH_SECONDS = 600


class WrongJarError(Exception):
    """A jar is not the one that was pinned."""


def why_not() -> str | None:
    """Why Apache Kafka cannot be run here; None if it can."""
    if shutil.which("java") is None or shutil.which("mvn") is None:
        return "Java 17 or newer and Maven are needed: sh packaging/clients.sh as root"
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < _OLDEST_JAVA:
        return "Java 17 or newer is needed"
    return None


def class_path(cache: Path | None = None, pins_file: Path = PINS_FILE) -> str:
    """A class path of verified jars, which lie in ``cache`` (default: in the environment).

    Raises :class:`WrongJarError`, and ``RuntimeError`` with Maven's words if it gets nothing.
    """
    pins = tomllib.loads(pins_file.read_text("utf-8"))
    jars: dict[str, str] = pins["jars"]
    folder = (cache or Path(sys.prefix) / "clients") / f"apache-kafka-{pins['version']}"
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / _file_name(jar): digest for jar, digest in jars.items()}
    with filelock.FileLock(folder / "fetch.lock"):
        if not all(file.exists() for file in files):
            _fetch(folder, list(jars))
    for file, digest in files.items():
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise WrongJarError(f"{file.name} has another SHA-256 than {pins_file.name} says")
    return os.pathsep.join(map(str, files))


def _file_name(jar: str) -> str:
    _, artifact, version = jar.split(":")
    return f"{artifact}-{version}.jar"


def _fetch(folder: Path, jars: list[str]) -> None:
    """Have Maven copy exactly these jars, nothing they depend on, into ``folder``."""
    pom = folder / "pom.xml"
    pom.write_text(_pom(jars), "utf-8")
    told = subprocess.run(
        ["mvn", "-B", "-q", "-f", pom, _PLUGIN, f"-DoutputDirectory={folder}"],
        capture_output=True,
        text=True,
        timeout=_FETCH_SECONDS,
        check=False,
    )
    if told.returncode:
        raise RuntimeError(f"Maven could not fetch Apache Kafka: {told.stdout[-2000:]}")


def _pom(jars: list[str]) -> str:
    dependencies = ""
    for jar in jars:
        group, artifact, version = jar.split(":")
        dependencies += (
            f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version><exclusions><exclusion><groupId>*</groupId>"
            "<artifactId>*</artifactId></exclusion></exclusions></dependency>\n"
        )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>isthmus.tests</groupId><artifactId>apache-kafka</artifactId>"
        "<version>1</version><packaging>pom</packaging>\n"
        f"<dependencies>{dependencies}</dependencies></project>\n"
    )
