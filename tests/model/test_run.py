"""A run as a value: what may stand in its record, and what never does."""

from __future__ import annotations

import pytest

from dsv.errors import BadManifestError, UsageError
from dsv.model.run import NOT_RECORDED, as_metric, as_parameter, check_run_id, dump_run, load_run, new_run, together

DIGESTS = {"tree": f"sha256:{'a' * 64}", "records": f"sha256:{'b' * 64}", "dvc": f"md5:{'c' * 32}.dir"}


def a_run(**more):
    used = {"name": "leases", "version": "1.0.0", "digests": DIGESTS, "manifest": f"sha256:{'d' * 64}"}
    return new_run({"id": "lease-1", "datasets": (used,), **more})


def test_what_is_written_is_read_again():
    run = a_run(metrics={"loss": 0.25}, params={"layers": [1, 2]}, started_at="2026-11-22T07:30:00Z")
    assert load_run(dump_run(run), file="run.yaml").value == run


@pytest.mark.parametrize("text", ["", "a b", "-x", "../x", "a/b", "x" * 101, "é", "a\n"])
def test_an_id_is_one_word(text):
    with pytest.raises(UsageError):
        check_run_id(text)


@pytest.mark.parametrize(
    ("value", "kept"), [(1, 1), (0.5, 0.5), (True, True), ("0.25", 0.25), (float("nan"), "nan"), (2**70, float(2**70))]
)
def test_a_metric_is_a_number_that_json_can_hold(value, kept):
    assert as_metric("loss", value) == kept


def test_what_is_no_number_is_no_metric():
    with pytest.raises(UsageError, match="the metric loss is no number"):
        as_metric("loss", "low")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "x"),
        ("db.password", "x"),
        ("api_key", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("hf_token", "x"),
        ("token", "x"),
        ("key", "AKIAABCDEFGHIJKLMNOP"),
        ("url", "postgresql://ana:secret@host/db"),
    ],
)
def test_a_secret_is_never_recorded(name, value):
    assert as_parameter(name, value) == NOT_RECORDED
    assert as_parameter("nested", {name: value}) == {name: NOT_RECORDED}


@pytest.mark.parametrize(
    ("name", "value"), [("max_tokens", 512), ("pad_token", "<pad>"), ("tokenizer", "bert"), ("keys", 3), ("lr", 1e-3)]
)
def test_words_that_only_look_like_secrets_are_recorded(name, value):
    assert as_parameter(name, value) == value


def test_a_token_in_an_address_is_left_out():
    assert as_parameter("data", "https://ghp_abc@example.com/x.git") == "https://***@example.com/x.git"


def test_a_version_used_twice_is_told_once_with_all_its_parts():
    [whole] = a_run().datasets
    train, test = (whole.model_copy(update={"splits": (name,)}) for name in ("train", "test"))
    assert [each.splits for each in together([train, test])] == [("test", "train")]
    assert [each.splits for each in together([train, whole])] == [()]


def test_a_record_that_somebody_wrote_wrongly_is_told_of_line_by_line():
    with pytest.raises(BadManifestError, match=r"run.yaml:1:1.*(datasets|id|schema)"):
        load_run(b"status: 3\n", file="run.yaml")
