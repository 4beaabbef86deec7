"""The pages of the wizard, one module for each step."""

from __future__ import annotations

from core.onboarding.steps import StepId
from gui.wizard.host import PageFactory
from gui.wizard.pages.page_apply import ApplyPage
from gui.wizard.pages.page_azure_sign_in import AzureSignInPage
from gui.wizard.pages.page_diagnostic_settings import DiagnosticSettingsPage
from gui.wizard.pages.page_discovery import DiscoveryPage
from gui.wizard.pages.page_event_hub import EventHubPage
from gui.wizard.pages.page_import_task import ImportTaskPage
from gui.wizard.pages.page_kafka_test import KafkaTestPage
from gui.wizard.pages.page_namespace import NamespacePage
from gui.wizard.pages.page_resource_group import ResourceGroupPage
from gui.wizard.pages.page_review import ReviewPage
from gui.wizard.pages.page_shared_access_policy import SharedAccessPolicyPage

FACTORIES: dict[StepId, PageFactory] = {
    StepId.AZURE_SIGN_IN: AzureSignInPage,
    StepId.DISCOVERY: DiscoveryPage,
    StepId.RESOURCE_GROUP: ResourceGroupPage,
    StepId.NAMESPACE: NamespacePage,
    StepId.EVENT_HUB: EventHubPage,
    StepId.SHARED_ACCESS_POLICY: SharedAccessPolicyPage,
    StepId.DIAGNOSTIC_SETTINGS: DiagnosticSettingsPage,
    StepId.KAFKA_TEST: KafkaTestPage,
    StepId.IMPORT_TASK: ImportTaskPage,
    StepId.REVIEW: ReviewPage,
    StepId.APPLY: ApplyPage,
}
"""Step -> its page; a step that is not here has the frame's empty page."""
