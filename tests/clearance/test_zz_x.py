import pytest
from clearance.context import acting
from clearance.clock import moment
from clearance.models import CircleMember
from tests import world as w
pytestmark = pytest.mark.django_db
def test_x(world):
    with acting(person=world.official.pk, assurance=w.proved(2)) as a:
        print(a.reach.stewards, a.reach.circles, moment(), CircleMember.objects.values_list("since"))
    assert 0
