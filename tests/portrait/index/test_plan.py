"""Expressions are made once, and what is always or never so is known without bitmaps."""

from vostro.portrait.index.plan import ALL, NONE, Plan


def test_the_same_expression_is_the_same_node():
    plan = Plan()
    a, b = plan.bit(0), plan.bit(1)
    assert plan.and_(a, b) == plan.and_(a, b)
    assert plan.not_(plan.not_(a)) == a
    assert plan.and_(a) == a


def test_always_and_never():
    plan = Plan()
    a = plan.bit(0)
    assert plan.and_(a, NONE) == NONE
    assert plan.and_(a, ALL) == a
    assert plan.and_() == ALL
    assert plan.or_() == NONE
    assert plan.or_(a, ALL) == ALL
    assert plan.and_(a, plan.not_(a)) == NONE
    assert plan.or_(plan.not_(a), a) == ALL
    assert plan.not_(ALL) == NONE


def test_who_holds_a_question_waits():
    plan = Plan()
    asked = plan.ask("why")
    assert plan.later[plan.and_(plan.bit(0), plan.not_(asked))]
    assert not plan.later[plan.bit(0)]
