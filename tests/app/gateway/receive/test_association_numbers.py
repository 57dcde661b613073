"""Associations are told apart for as long as the gateway runs."""

from app.gateway.receive.association_numbers import AssociationNumbers


class Association:
    """Stands in for pynetdicom's, which is a thread."""


def test_an_association_keeps_its_number():
    numbers, association = AssociationNumbers(), Association()
    assert numbers[association] == numbers[association]


def test_no_later_association_gets_the_number_of_an_ended_one():
    numbers = AssociationNumbers()
    assert len({numbers[Association()] for _ in range(50)}) == 50
