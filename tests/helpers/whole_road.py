"""The commands over both halves as a user starts them, and what the emulators hold afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.azure_halves import AzureHalf, Ended

NAMES = ("isthmus-logs", "isthmus-sandbox", "azure-logs", "azure-messages")
"""What a removal has to be told by name: the namespace, the project, the Logstores."""

MANAGED = '\nroute = "managed"\nmanaged_split = "{split}"\n'


class WholeRoad(AzureHalf):
    """An empty sandbox and the verbs that work on both halves."""

    def apply(self, *words: str, failpoint: str = "") -> Ended:
        return self.isthmus("apply", "--yes", *words, failpoint=failpoint)

    def plan(self, *words: str) -> Ended:
        return self.isthmus("plan", *words)

    def remove(self, *words: str, failpoint: str = "") -> Ended:
        names = [word for name in NAMES for word in ("--confirm-name", name)]
        return self.isthmus("remove", "--yes", *names, *words, failpoint=failpoint)

    @property
    def logs(self) -> Any:
        return self.sandbox.child("log_service")

    @property
    def center(self) -> Any:
        return self.sandbox.child("security_center")

    def snapshot(self) -> Any:
        """All that users made in the emulated clouds, without keys and times."""
        return {
            "azure": self.arm.request("snapshot"),
            "log_service": self.logs.request("snapshot"),
            "security_center": self.center.request("snapshot"),
        }

    def delete_logstore(self, project: str, name: str) -> None:
        """As somebody else would, by the unchanged SDK."""
        self._log_client().delete_logstore(project, name)

    def stop_split(self, project: str, name: str) -> None:
        """As somebody else would, by the unchanged SDK."""
        self._log_client().stop_etl(project, name)

    def _log_client(self) -> Any:
        from aliyun.log import LogClient

        ready = self.logs.ready
        client = LogClient(
            f"http://{ready['endpoint']}", ready["access_key_id"], ready["access_key_secret"]
        )
        client._session.proxies = {"http": ready["http_proxy"]}
        return client

    def managed(self, split: str) -> None:
        """Make the profile one of the managed route."""
        if split == "transformation":
            self.edit(
                'logstore = "azure-logs"',
                'logstore = "azure-messages"\nrecord_logstore = "azure-logs"',
            )
        else:
            self.edit('logstore = "azure-logs"', 'logstore = "azure-messages"')
        self.edit("[network]", f"[import]{MANAGED.format(split=split)}\n[network]")

    def engine(self, seconds: float = 120) -> dict[str, Any]:
        """Import what the hub holds; the last status."""
        ended = self.isthmus("run", "--until-caught-up")
        assert ended.code == 0, ended
        return ended.result

    def standardised(self) -> int:
        """Logs in the datasets of Security Center."""
        live = self.center.request("live")
        return sum(each["normalised"] for each in live["policies"].values())

    def alerts(self) -> list[Any]:
        """By the unchanged SDK."""
        from alibabacloud_cloud_siem20241212.models import ListAlertsRequest

        answer = self._sdk().list_alerts(ListAlertsRequest(**self._times(), lang="en"))
        return list(answer.body.alerts or ())

    def incidents(self) -> list[Any]:
        """By the unchanged SDK."""
        from alibabacloud_cloud_siem20241212.models import ListIncidentsRequest

        answer = self._sdk().list_incidents(ListIncidentsRequest(**self._times(), lang="en"))
        return list(answer.body.incidents or ())

    def wait(self, what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
        """Until ``condition`` gives something; what it gave."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                told = {"jobs": self.logs.request("jobs"), "live": self.center.request("live")}
                raise AssertionError(f"{what} did not come: {told}")
            time.sleep(0.2)
        return found

    def _sdk(self) -> Any:
        from alibabacloud_cloud_siem20241212.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        logs, center = self.logs.ready, self.center.ready
        return Client(
            Config(
                access_key_id=logs["access_key_id"],
                access_key_secret=logs["access_key_secret"],
                endpoint=center["http_endpoint"],
                protocol="HTTP",
            )
        )

    def _times(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        begin, end = now - timedelta(hours=6), now + timedelta(minutes=5)
        return {
            "start_time": int(begin.timestamp() * 1000),
            "end_time": int(end.timestamp() * 1000),
            "region_id": self.center.ready["region_id"],
            "max_results": 100,
        }
