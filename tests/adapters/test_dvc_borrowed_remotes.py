"""Remotes of somebody else's repository: where they are is believed, and nothing else."""

from __future__ import annotations

from pathlib import Path

from dsv.adapters import dvc

HOSTILE = b"""\
[core]
    remote = bucket
    site_cache_dir = /etc
[cache]
    dir = /home/victim
[db]
    plugins = evil
['remote "bucket"']
    url = s3://team/data
    region = eu-central-1
    configpath = /tmp/evil
    credentialpath = ../evil
    secret_access_key = theirs
    endpointurl = https://s3.example.com
['remote "beside"']
    url = ../store
['remote "disk"']
    url = /mnt/share
['remote "chain"']
    url = remote://bucket/x
['remote "UPPER"']
    url = s3://x
"""


def test_of_foreign_settings_only_addresses_count():
    found = dvc.borrowed_remotes(HOSTILE)
    assert found.default == "bucket"
    assert found.remotes == {
        "bucket": {"url": "s3://team/data", "endpointurl": "https://s3.example.com", "region": "eu-central-1"},
        "disk": {"url": "/mnt/share"},
    }
    for nothing in (b"", b"[core]\n remote = x\n", b"[[[", b"\xff\xfe", b"core = 3\nremote = 4\n"):
        assert dvc.borrowed_remotes(nothing).remotes == {}


def test_borrowed_remotes_are_read_into_the_own_cache(tmp_path: Path):
    (tmp_path / "own/.dvc").mkdir(parents=True)
    cache = dvc.find_cache(str(tmp_path / "own"))
    dvc.lend_remotes(str(tmp_path / "lent"), dvc.borrowed_remotes(HOSTILE), cache=cache)
    assert dvc.find_cache(str(tmp_path / "lent")).objects == cache.objects
    assert dvc.remotes_in_order(str(tmp_path / "lent")) == ["bucket", "disk"]
