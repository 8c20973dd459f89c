"""Activations: the bends between linear layers, and what they do to a gradient.

Linear layers in a row are no more than one linear layer. What makes a deep network more than
that is a function between them that bends: the activation. Most activations work on each
number by itself, so their backward pass is simple: the upstream gradient, times the
derivative at that number. (softmax looks at several numbers at once.)

Where this derivative is 0, or almost 0, hardly any gradient reaches the layers before it. So
it is the derivative that decides which activation is good for what.

By the end you can write the derivatives of the usual activations, tell where each of them
stops learning, choose one for a last layer, and read "Non-linear activation functions" in
PyTorch's reference of torch.nn.functional.
"""

import pytest
import torch
import torch.nn.functional as F

from sensei import __  # noqa: F401 - stays when no blank is left


def test_two_layers_make_one():
    """Two linear layers in a row. Write the weight and the bias of one that does the same."""
    x = torch.tensor([[1.0, 2.0], [-3.0, 0.5]])
    w1 = torch.tensor([[1.0, 0.0, 2.0], [1.0, 3.0, 1.0]])
    b1 = torch.tensor([1.0, 2.0, -1.0])
    b2 = torch.tensor([4.0])
    for column in [[[2.0], [1.0], [5.0]], [[1.0], [0.0], [3.0]]]:
        w2 = torch.tensor(column)
        weight = __
        bias = __
        two = (x @ w1 + b1) @ w2 + b2
        assert (x @ weight + bias).tolist() == two.tolist()


def test_what_a_bend_is_good_for():
    """relu turns negative numbers into 0, and keeps the others. Write h with a bend in it.

    Two layers in a row give -x here. With h they should give -2 * x where x is negative, and x
    where it is positive.
    """
    w1 = torch.tensor([[1.0, -1.0]])
    w2 = torch.tensor([[1.0], [2.0]])
    for v in [-3.0, 0.5, 2.0]:
        x = torch.tensor([[v]])
        assert (x @ w1 @ w2).item() == -v
        h = __
        assert (h @ w2).item() == (v if v > 0 else -2 * v)


def test_the_gradient_of_relu():
    """y is relu(x), multiplied by 5. What is in x.grad? Give a list."""
    x = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    y = 5 * torch.relu(x)
    y.sum().backward()
    assert x.grad.tolist() == __


def test_a_unit_that_never_learns():
    """A unit is one output of a layer. At b = -8 this one is dead: b.grad would be 0.

    Write an activation that lets it learn. Where z is positive, y should still be z.
    """
    x = torch.tensor([1.0, 2.0])
    for start in [-8.0, 8.0]:
        b = torch.tensor(start, requires_grad=True)
        z = x + b
        # It was: y = torch.relu(z)
        y = __
        y.sum().backward()
        assert b.grad > 0
        assert torch.equal(y, z) == (start > 0)


def test_a_formula_for_leaky_relu():
    """leaky_relu(z, a) is z where z > 0, else a * z. For which a is it max(a * z, z)?

    Give a list of the slopes for which the two are equal.
    """
    z = torch.tensor([-4.0, 0.0, 3.0])
    slopes = [-1.0, 0.25, 1.0, 2.0]
    leaky = {a: F.leaky_relu(z, a).tolist() for a in slopes}
    formula = {a: torch.maximum(a * z, z).tolist() for a in slopes}
    assert [a for a in slopes if leaky[a] == formula[a]] == __


def test_the_derivative_of_sigmoid():
    """a = sigmoid(z) is 1 / (1 + exp(-z)). Write the derivative of a with respect to z."""

    def derivative(z):
        a = torch.sigmoid(z)
        return __

    for place in [0.0, 2.0, -5.0]:
        z = torch.tensor(place, requires_grad=True)
        predicted = derivative(torch.tensor(place))
        torch.sigmoid(z).backward()
        assert z.grad.item() == pytest.approx(float(predicted), rel=1e-4)


def test_a_saturated_sigmoid():
    """For which z is the output below 0.01? And for which z is its gradient? Give two lists."""
    z = torch.tensor([-6.0, -0.01, 0.0, 0.01, 6.0], requires_grad=True)
    a = torch.sigmoid(z)
    a.sum().backward()
    assert z[a < 0.01].tolist() == __
    assert z[z.grad < 0.01].tolist() == __


def test_tanh_from_sigmoid():
    """tanh is a sigmoid, stretched and moved. What goes into the sigmoid?

    And what is the gradient of tanh at 0?
    """
    for v in [-3.0, 0.5, 2.0]:
        z = torch.tensor(v)
        stretched = __
        a = 2 * torch.sigmoid(stretched) - 1
        assert a.item() == pytest.approx(torch.tanh(z).item(), 1e-4)
    z = torch.tensor(0.0, requires_grad=True)
    torch.tanh(z).backward()
    assert z.grad == __


def test_the_gradient_of_softmax():
    """softmax is exp(z) / exp(z).sum(): scores become probabilities. What are the gradients?"""
    z = torch.zeros(4, requires_grad=True)
    torch.softmax(z, dim=0)[0].backward()
    assert z.grad.tolist() == __
    z.grad = None
    torch.softmax(z, dim=0).sum().backward()
    assert z.grad.tolist() == __


def test_whether_probabilities_sum_to_one():
    """total is a Python number. Write the condition that it is 1, up to rounding in float32."""

    def is_one(total):
        return __

    thirds = torch.softmax(torch.zeros(3), dim=0)
    for total in [sum(thirds.tolist()), 1.0000002, 0.9999998]:
        assert is_one(total)
    assert not is_one(0.9)
    assert not is_one(1.1)


def test_probabilities_of_each_example():
    """Each row of z holds the scores of one example. Write the probabilities, row by row."""
    z = torch.tensor([[0.0] * 4, [1.0] * 4], requires_grad=True)
    p = __
    assert p.tolist() == [[0.25] * 4, [0.25] * 4]
    p[0, 0].backward()
    assert z.grad[1].tolist() == [0.0] * 4


def test_the_last_activation():
    """Three models need a last activation each. Give three names, in a list.

    The first says which of three kinds something is, the second which of three tags apply
    (several may), the third forecasts three temperatures in degrees Celsius.
    """
    z = torch.tensor([-2.0, 2.0, 3.0])
    last = {
        "none": lambda z: z,
        "relu": F.relu,
        "sigmoid": torch.sigmoid,
        "softmax": lambda z: torch.softmax(z, dim=0),
    }
    names = __
    kind, tags, degrees = [last[name](z) for name in names]
    assert kind.sum().item() == pytest.approx(1.0)
    assert 0 < tags.min() and tags.max() < 1 and tags.sum() > 1.5
    assert degrees.min() < -1


def test_two_orders_of_a_product():
    """A look back at chapter 4, where sums were rounded. What are layers and merged?

    Give both, in a list. float32 holds every whole number up to 2**24 exactly, but 2**24 + 1
    becomes 2**24.
    """
    x = torch.tensor([[1.0, 1.0]])
    w1 = torch.tensor([[2.0**24, -(2.0**24)], [1.0, 0.0]])
    w2 = torch.tensor([[1.0], [1.0]])
    layers = (x @ w1) @ w2
    merged = x @ (w1 @ w2)
    assert [layers.item(), merged.item()] == __


def test_what_passes_through_relu():
    """A look back at chapter 7. What is in b.grad? Give a list."""
    x = torch.tensor([[1.0, -2.0], [3.0, 1.0], [-4.0, 5.0]])
    b = torch.tensor([0.0, -2.0], requires_grad=True)
    factors = torch.tensor([[1.0], [10.0], [100.0]])
    y = torch.relu(x + b)
    (y * factors).sum().backward()
    assert b.grad.tolist() == __
