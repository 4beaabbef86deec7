"""The whole chain once, by the real SDK: Logstore to detection rule, and everything away again."""

from __future__ import annotations

from helpers.alibaba_center import PROJECT, Soc
from helpers.sign_in_logs import ADDED, GOLDEN, RECORD, stored

from core.alibaba.security_center import SecurityCenter
from core.alibaba.security_center.detection_texts import detection_text
from core.alibaba.security_center.schemas import SIGN_IN_SCHEMA
from core.alibaba.security_center.sign_in_rule import rule_mode, sign_in_rule


def test_the_chain_is_made_found_again_and_taken_away(soc: Soc):
    logstore = soc.logstore()

    async def work(center: SecurityCenter) -> None:
        activation = await center.activation()
        assert (activation.version, activation.role_granted) == ("2.0", True)
        await center.check_logstore(soc.region, PROJECT, logstore)
        source = await center.create_data_source("azure", "user", soc.region, PROJECT, logstore)
        found = await center.data_source("azure")
        assert found is not None
        assert (found.id, found.kind) == (source.id, "user")  # its state may have changed
        assert source.reads(PROJECT, logstore)
        assert (source.kind, source.custom) == ("user", True)

        vendor = await center.vendor("microsoft")
        assert vendor is not None
        assert vendor.preset
        product = await center.product(vendor, "Azure Active Directory")
        assert product is not None

        schema = await center.schema_by_name(SIGN_IN_SCHEMA)
        sample = stored(RECORD, **ADDED)
        spl = sign_in_rule(batches=False)
        validation = await center.validate_rule(sample, spl, schema, product=product)
        assert validation.problem() is None
        values = {each.name: each.value for each in validation.fields if each.state == "pass"}
        assert values["account_name"] == GOLDEN["account_name"]
        assert values["start_time"] == GOLDEN["start_time"]

        rule = await center.create_rule("sign-ins", product, schema, spl, mode=rule_mode(False))
        assert await center.rule("sign-ins") == rule
        policy = await center.create_policy(source.id, product, rule.id, "realtime")
        assert await center.policies(product) == (policy,)
        await center.enable_policy(policy)
        (enabled,) = await center.policies(product)
        assert enabled.enabled

        text = detection_text("password_spray")
        identity = await center.create_detection_rule(text.rule(schema, await center.entities()))
        made = await center.detection_rule(text.title)
        assert made is not None
        assert (made.id, made.enabled, made.level) == (identity, False, 4)
        assert made.sql == text.query(schema)
        await center.set_detection_rule(identity, "custom", True)
        made = await center.detection_rule(text.title)
        assert made is not None
        assert made.enabled

        await center.set_detection_rule(identity, "custom", False)
        await center.delete_detection_rule(identity)
        await center.disable_policy(policy)
        await center.delete_policy(policy.id)
        await center.delete_rule(rule.id)
        await center.delete_data_source(source.id)
        assert await center.detection_rules("custom") == ()
        assert await center.policies(product) == ()
        assert await center.rule("sign-ins") is None
        assert await center.data_source("azure") is None

    soc.run(work)
