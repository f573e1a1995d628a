"""Compressed files: the same records as without, whole or refused by name, in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tracemalloc

import pytest

from dsv.records.formats import CannotReadError
from dsv.records.formats.compression import decompressed, is_compressed, path_inside

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def zstd_with_checksum(data):
    """As the zstd program does it."""
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


COMPRESS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd_with_checksum}
NAMES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
PLAIN = b"".join(b'{"i":%d}\n' % number for number in range(20_000))

every_compression = pytest.mark.parametrize("suffix", COMPRESS)


def unpacked(suffix, data):
    return decompressed(io.BufferedReader(io.BytesIO(data)), path=f"a.jsonl{suffix}").read()


def refusal(suffix, data):
    with pytest.raises(CannotReadError) as caught:
        unpacked(suffix, data)
    return caught.value.reason


@every_compression
def test_compressed_files_hold_the_same_records(build, suffix):
    packed = {f"a.jsonl{suffix}": COMPRESS[suffix](PLAIN), f"b.csv{suffix.upper()}": COMPRESS[suffix](b"a,b\n1,2\n")}
    assert build(packed)[1].records_digest == build({"a.jsonl": PLAIN, "b.csv": b"a,b\n1,2\n"})[1].records_digest


@every_compression
def test_members_one_behind_the_other_are_one_file(suffix):
    compress = COMPRESS[suffix]
    parts = [PLAIN[:1], b"", PLAIN[1:77_777], PLAIN[77_777:]]
    assert unpacked(suffix, b"".join(map(compress, parts))) == PLAIN
    assert unpacked(suffix, compress(b"{}\n") * 500) == b"{}\n" * 500


@every_compression
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda _: b"", "empty, not {name}"),
        (lambda whole: whole[: len(whole) // 2], "{name}: cut off"),
        (lambda whole: whole[:-1], "{name}: cut off"),
        (lambda whole: whole[:3], "{name}: cut off"),
        (lambda whole: whole + whole[:5], "{name}: cut off"),
        (lambda whole: whole + b"something else behind", "{name}: "),
        (lambda whole: whole[:60] + b"\xff" * 20 + whole[80:], "{name}: "),
        (lambda _: PLAIN, "{name}: "),
    ],
    ids=["empty", "half", "a byte short", "three bytes", "begun again", "garbage behind", "changed", "not compressed"],
)
def test_a_damaged_file_is_refused_by_name(suffix, damage, reason):
    assert refusal(suffix, damage(COMPRESS[suffix](PLAIN))).startswith(reason.format(name=NAMES[suffix]))


@pytest.mark.parametrize("suffix", [".bz2", ".xz", ".zst"])
def test_garbage_behind_is_told_from_damage(suffix):
    said = refusal(suffix, COMPRESS[suffix](PLAIN) + b"something else behind")
    assert said == f"{NAMES[suffix]}: something else follows the compressed data"


def test_xz_may_be_padded_with_zeros_by_four():
    whole = lzma.compress(PLAIN)
    assert unpacked(".xz", whole + bytes(8) + whole) == PLAIN * 2
    assert unpacked(".xz", whole + bytes(40_000)) == PLAIN
    assert "something else follows" in refusal(".xz", whole + bytes(7))


def test_zstd_may_skip_frames_that_hold_no_data():
    skippable = (0x184D2A50).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"notes"
    assert unpacked(".zst", skippable + zstd.compress(PLAIN) + skippable) == PLAIN


def test_what_refers_back_farther_than_128_mib_is_refused():
    wide = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 28}]
    assert refusal(".xz", lzma.compress(b"{}\n", filters=wide)) == "xz: it refers back farther than 128 MiB"
    options = {zstd.CompressionParameter.window_log: 28, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    data = compressor.compress(b"{}\n" * 1000) + compressor.flush()
    assert refusal(".zst", data) == "zstd: it refers back farther than 128 MiB"


@every_compression
def test_a_bomb_of_zeros_takes_bounded_memory(suffix):
    bomb = COMPRESS[suffix](bytes(1 << 24))
    tracemalloc.start()
    stream = decompressed(io.BufferedReader(io.BytesIO(bomb)), path=f"a{suffix}")
    size = 0
    while piece := stream.read(1 << 16):
        size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 1 << 24
    assert peak < 12 << 20  # of which xz remembers 8


def test_the_suffix_tells_the_compression_whatever_its_case():
    assert [path for path in ("a.jsonl.GZ", "a.Zst", "b.xz", "c.bz2") if not is_compressed(path)] == []
    assert [path for path in ("a.jsonl", "gz", "a.gz/b", "a.zstd", "") if is_compressed(path)] == []
    assert path_inside("d.x/a.jsonl.XZ") == "d.x/a.jsonl"
    assert path_inside("a.jsonl") == "a.jsonl"
