"""What has been changed in the clouds so far, as the sentence that always stands in the footer."""

from __future__ import annotations

from dataclasses import dataclass

from gui.figures import number
from gui.words import tr


@dataclass(frozen=True)
class CloudChanges:
    """How many things of this import were made, changed or deleted by this window.

    Attributes:
        azure: in Azure.
        alibaba: in Alibaba Cloud.
        running: a verb is at work now.
        earlier: it was not begun in this window, so others may have changed things before.
    """

    azure: int = 0
    alibaba: int = 0
    running: bool = False
    earlier: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing was changed at all."""
        return self.azure + self.alibaba == 0

    def sentence(self) -> str:
        """The sentence."""
        if self.nothing and self.running:
            return tr("Changing things in Azure now, nothing finished so far")
        if self.nothing and self.earlier:
            return tr("Nothing has been changed in a cloud in this session")
        if self.nothing:
            return tr("Nothing has been changed in a cloud")
        azure = tr("{n} changed in Azure", n=number(self.azure)) if self.azure else ""
        if self.alibaba and self.azure:
            return tr("{azure}, {n} in Alibaba Cloud", azure=azure, n=number(self.alibaba))
        if self.alibaba:
            return tr("{n} changed in Alibaba Cloud, nothing in Azure", n=number(self.alibaba))
        ending = tr("so far") if self.running else ""
        return f"{azure}, {tr('nothing in Alibaba Cloud')} {ending}".strip()
