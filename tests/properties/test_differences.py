"""A difference is an exact account: carried out on the old version it makes the new one, and it can be turned round."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.model.change import FilesChange, RecordCounts
from dsv.model.where import Where
from dsv.records.compare import Example, Kind, compare_files, compare_with_examples
from dsv.records.index import Place

from .datasets import Dataset, in_files, opened

NAMED = ("train", "test", "eval")
BACK = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.MODIFIED: Kind.MODIFIED, Kind.MOVED: Kind.MOVED}

records = st.fixed_dictionaries({"id": st.integers(1, 2), "v": st.integers(0, 1)}) | st.sampled_from([7, {"v": 0}])
seeds = st.integers(0, 2**32).map(random.Random)


def versions(splits):
    """Datasets as files: up to five records in each split, spread over files of any kind."""
    each = st.dictionaries(st.sampled_from(splits), st.lists(records, max_size=5), max_size=3)
    return st.builds(_files, each, seeds)


def _files(by_split, choose):
    return {
        path: content
        for split, inside in by_split.items()
        for path, content in in_files(inside, choose=choose, directory=f"{split}/").items()
    }


def difference(old: Dataset, new: Dataset, *, keyed: bool, inside=None):
    return compare_with_examples(
        old.index, new.index, old_split=old.split_of, new_split=new.split_of, keyed=keyed, limit=1000, inside=inside
    )


def carried_out(examples, *, old: Dataset, new: Dataset):
    """The old records with their splits after every change of the difference."""
    result = old.records()
    for each in examples:
        if each.old:
            gone = old.split_of(each.old.file), old.record(each.old)
            assert result[gone] > 0
            result[gone] -= 1
        if each.new:
            result[new.split_of(each.new.file), new.record(each.new)] += 1
    return +result


def pooled(records):
    counts = Counter()
    for (_, record), count in records.items():
        counts[record] += count
    return counts


@settings(max_examples=120)
@given(versions(NAMED), versions(NAMED), st.booleans())
def test_the_difference_carried_out_on_the_old_version_makes_the_new_one(old_files, new_files, keyed):
    key = ["id"] if keyed else []
    with opened(old_files, key=key) as old, opened(new_files, key=key) as new:
        found = difference(old, new, keyed=keyed).examples
        assert carried_out(found, old=old, new=new) == new.records()


@settings(max_examples=120)
@given(versions(("pool", *NAMED)), versions(("pool", *NAMED)), st.booleans())
def test_with_an_unnamed_rest_the_same_holds_for_the_records_alone(old_files, new_files, keyed):
    key = ["id"] if keyed else []
    with opened(old_files, key=key) as old, opened(new_files, key=key) as new:
        found = difference(old, new, keyed=keyed)
        assert pooled(carried_out(found.examples, old=old, new=new)) == pooled(new.records())
        for each in found.examples:
            assert each.kind is not Kind.MODIFIED or keyed
            if each.kind is Kind.MOVED:
                assert old.record(each.old) == new.record(each.new)
                assert None not in {old.split_of(each.old.file), new.split_of(each.new.file)}


@settings(max_examples=120)
@given(versions(("pool", *NAMED)), versions(("pool", *NAMED)), st.booleans())
def test_the_way_back_has_the_same_pairs_of_records(old_files, new_files, keyed):
    key = ["id"] if keyed else []
    with opened(old_files, key=key) as old, opened(new_files, key=key) as new:
        there, back = difference(old, new, keyed=keyed), difference(new, old, keyed=keyed)
    turned = {Example(BACK[each.kind], old=each.new, new=each.old) for each in back.examples}
    assert set(there.examples) == turned
    assert len(turned) == len(back.examples)


PARTS = (None, Where(split="train").holds, Where(file="*l").holds, Where(split="test", file="*.jsonl").holds)


@settings(max_examples=120)
@given(versions(("pool", *NAMED)), versions(("pool", *NAMED)), st.booleans(), st.sampled_from(PARTS))
def test_the_counts_of_a_part_are_those_of_the_records_with_a_side_in_it(old_files, new_files, keyed, inside):
    key = ["id"] if keyed else []
    with opened(old_files, key=key) as old, opened(new_files, key=key) as new:
        everything = difference(old, new, keyed=keyed)
        found = difference(old, new, keyed=keyed, inside=inside)

        def holds(dataset, place):
            path = dataset.index.files[place.file][0]
            return inside is None or inside(path, dataset.split_of(place.file))

        def count(dataset, *, split=None):
            return sum(
                number
                for file, number in enumerate(dataset.index.records_by_file())
                if holds(dataset, Place(file, 1)) and (split is None or dataset.split_of(file) == split[0])
            )

        sides = [
            [(data, place) for data, place in ((old, each.old), (new, each.new)) if place and holds(data, place)]
            for each in everything.examples
        ]
        of_part = [each for each, here in zip(everything.examples, sides, strict=True) if here]
        assert found.counts == everything.counts
        assert list(found.examples) == of_part
        whole = found.breakdown.whole
        kinds = Counter(each.kind.word for each in of_part)
        assert {kind.word: getattr(whole, kind.word) for kind in Kind} == {kind.word: kinds[kind.word] for kind in Kind}
        assert (whole.old, whole.new) == (count(old), count(new))
        for part in found.breakdown.splits:
            split = (part.split,)
            assert (part.counts.old, part.counts.new) == (count(old, split=split), count(new, split=split))
            touched = [here for here in sides if any((data.split_of(place.file),) == split for data, place in here)]
            assert part.counts.changed == len(touched)
        by_file = {each.path: each.changed for each in found.breakdown.files}
        files = Counter(path for here in sides for path in {data.index.files[place.file][0] for data, place in here})
        assert by_file == dict(files)


@settings(max_examples=30)
@given(st.lists(records, max_size=8), seeds, seeds, st.booleans())
def test_the_same_records_in_other_files_differ_in_nothing(some, one, other, keyed):
    key = ["id"] if keyed else []
    with opened(in_files(some, choose=one), key=key) as old, opened(in_files(some, choose=other), key=key) as new:
        found = difference(old, new, keyed=keyed)
    assert found.counts == RecordCounts(unchanged=len(some))
    assert found.examples == ()


paths = st.sampled_from(["a", "b", "c/d", "c/e", "é", "\udcff", "z"])
trees = st.dictionaries(paths, st.sampled_from(["1", "2", "3"]))


@given(trees, trees)
def test_the_difference_of_files_carried_out_makes_the_new_list(old, new):
    found = compare_files(list(old.items()), list(new.items()))
    result = {path: digest for path, digest in old.items() if path not in found.removed}
    result.update({to: result.pop(path) for path, to in found.renamed})
    result.update({path: new[path] for path in (*found.added, *found.modified)})
    assert result == new
    kept = [path for path in old if new.get(path) == old[path]]
    assert found.unchanged == len(kept)
    assert compare_files(list(old.items()), list(old.items())) == FilesChange(unchanged=len(old))
    named = [*found.added, *found.removed, *found.modified, *(path for pair in found.renamed for path in pair)]
    assert len(set(named)) == len(named)
