"""Properties of ontologies and values, for any of them."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ontology.changes import departures, named_in, translated
from backend.ontology.problems import UnusableOntology
from backend.ontology.schemas import (
    KEYS,
    AttributeKind,
    AttributeScope,
    AttributeWrite,
    ChoiceWrite,
    ClassWrite,
    Ontology,
    OntologyWrite,
)
from backend.ontology.timelines import Value, settled, value_at
from backend.ontology.validation import identified

NAMES = st.sampled_from(["car", "Car", "bus", "Straße", "STRASSE", "tree", "Ä", "ä", "o"])
KINDS = st.sampled_from(AttributeKind)
CHOICES = st.lists(st.builds(ChoiceWrite, name=NAMES), max_size=3)
CLASSES = st.lists(
    st.builds(ClassWrite, name=NAMES, key=st.none() | st.sampled_from(KEYS), parent=st.none() | NAMES), max_size=6
)
ATTRIBUTES = st.lists(
    st.builds(
        AttributeWrite,
        name=NAMES,
        scope=st.sampled_from(AttributeScope),
        kind=KINDS,
        changes=st.none() | st.booleans(),
        choices=CHOICES,
    ),
    max_size=4,
)
ONTOLOGIES = st.builds(OntologyWrite, classes=CLASSES, attributes=ATTRIBUTES)


def is_sound(wanted: OntologyWrite) -> bool:
    """By another rule than ours: sets of names, and parents followed as often as there are classes."""
    names = [each.name.casefold() for each in wanted.classes]
    keys = [each.key for each in wanted.classes if each.key]
    parents = {each.name.casefold(): each.parent.casefold() for each in wanted.classes if each.parent}
    above = set(names)
    for _ in names:
        above = {parents[name] for name in above if name in parents}
    fits = all(
        (each.kind is AttributeKind.choice) == bool(each.choices)
        and len({choice.name.casefold() for choice in each.choices}) == len(each.choices)
        and not (each.scope is AttributeScope.video and each.changes)
        and not (each.scope is AttributeScope.frame and each.changes is False)
        for each in wanted.attributes
    )
    said = [each.name.casefold() for each in wanted.attributes]
    unique = all(len(set(values)) == len(values) for values in (names, keys, said))
    return unique and set(parents.values()) <= set(names) and not above and fits


@given(ONTOLOGIES)
def test_an_ontology_is_taken_just_if_it_is_sound(wanted: OntologyWrite) -> None:
    if not is_sound(wanted):
        with pytest.raises(UnusableOntology):
            identified(Ontology(), wanted)
        return
    made = identified(Ontology(), wanted)
    assert [each.name for each in made.classes] == [each.name for each in wanted.classes]
    again = identified(made, OntologyWrite.model_validate(made.model_dump()))
    assert again == made
    assert departures(made, again) == {}


@given(ONTOLOGIES.filter(is_sound), ONTOLOGIES.filter(is_sound))
def test_what_stays_keeps_its_id_and_the_rest_goes(first: OntologyWrite, second: OntologyWrite) -> None:
    before = identified(Ontology(), first)
    after = identified(before, second)
    names = {each.id: each.name.casefold() for each in before.classes}
    kept = {each.id: each.name.casefold() for each in after.classes if each.id in names}
    assert kept == {each: name for each, name in names.items() if name in kept.values()}
    gone = departures(before, after)
    assert {each for each in gone if each in names} == names.keys() - kept.keys()
    everything = {each.id for each in after.classes} | {each.id for each in after.attributes}
    everything |= {choice.id for _, choice in after.choices()}
    assert len(everything) == len(after.classes) + len(after.attributes) + len(list(after.choices()))


FRAMES = st.integers(0, 12).map(str)
SOME_IDS = [uuid4() for _ in range(4)]
VALUES = st.one_of(st.none(), st.booleans(), st.sampled_from([0.0, 1.0, 2.5]), st.sampled_from(SOME_IDS).map(str))
TIMELINES = st.dictionaries(FRAMES, VALUES, max_size=6)


@given(TIMELINES)
def test_a_settled_timeline_says_the_same_of_every_frame_in_the_fewest_words(timeline: dict[str, Value]) -> None:
    short = settled(timeline)
    said = [(type(value), value) for value in (value_at(short, frame) for frame in range(14))]
    assert said == [(type(value), value) for value in (value_at(timeline, frame) for frame in range(14))]
    assert len(short) == sum(one != other for one, other in zip([(type(None), None), *said], said, strict=False))
    assert settled(short) == short


@given(
    st.dictionaries(st.sampled_from(SOME_IDS).map(str), TIMELINES.map(settled).filter(bool), max_size=3),
    st.dictionaries(st.sampled_from(SOME_IDS), st.none() | st.just(UUID(int=1)), max_size=3),
)
def test_translated_values_name_nothing_that_went(
    values: dict[str, dict[str, Value]], becomes: dict[UUID, UUID | None]
) -> None:
    done = translated(values, becomes)
    assert not named_in(done) & {str(each) for each in becomes}
    for attribute, timeline in done.items():
        for frame in range(14):
            was = value_at(values[attribute], frame)
            went = next((new for old, new in becomes.items() if str(old) == was), was)
            assert value_at(timeline, frame) == (str(went) if isinstance(went, UUID) else went)
