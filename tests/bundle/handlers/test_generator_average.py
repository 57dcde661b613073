import pytest
from torch import nn

from scripts.handlers import GeneratorAverage


@pytest.fixture
def generator() -> nn.Linear:
    generator = nn.Linear(1, 1, bias=False)
    nn.init.constant_(generator.weight, 1.0)
    return generator


def step(average: GeneratorAverage, generator: nn.Linear, weight: float) -> float:
    nn.init.constant_(generator.weight, weight)
    average(None)
    return average.network.weight.item()


def test_the_average_follows_the_weights_by_its_decay(generator):
    average = GeneratorAverage(generator, decay=0.9)
    assert step(average, generator, 1.0) == pytest.approx(1.0)
    assert step(average, generator, 2.0) == pytest.approx(0.9 * 1 + 0.1 * 2)
    assert step(average, generator, 3.0) == pytest.approx(0.9 * 1.1 + 0.1 * 3)


def test_the_generator_in_training_stays_as_it_is(generator):
    average = GeneratorAverage(generator, decay=0.9)
    step(average, generator, 1.0)
    step(average, generator, 2.0)
    assert generator.weight.item() == 2


def test_the_average_goes_on_after_a_resume(generator):
    average = GeneratorAverage(generator, decay=0.9)
    step(average, generator, 1.0)
    resumed = GeneratorAverage(nn.Linear(1, 1, bias=False), decay=0.9)
    resumed.load_state_dict(average.state_dict())
    resumed.generator = generator
    assert step(resumed, generator, 2.0) == pytest.approx(1.1)


def test_the_averaged_network_has_the_generators_own_names(generator):
    average = GeneratorAverage(generator, decay=0.9)
    assert average.network.state_dict().keys() == generator.state_dict().keys()


def test_a_decay_of_one_is_an_error(generator):
    with pytest.raises(ValueError, match="between 0 and 1, found 1"):
        GeneratorAverage(generator, decay=1)
