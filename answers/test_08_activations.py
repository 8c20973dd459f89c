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
        weight = __(
            w1 @ w2,
            wrong={
                "w2 @ w1": "The shapes are (3, 1) and (2, 3): these don't fit. Which layer is "
                "first on the way of x?",
                "w1 * w2": "That multiplies number by number, and the shapes don't even fit.",
                "w1 + w2": "One layer follows the other. Their weights are not added, and the "
                "shapes don't even fit.",
                "w1": "That is the first layer alone. It gives three numbers, not one.",
                "w2": "That is the second layer alone. It takes three numbers, not two.",
                "(w1 @ w2).T": "The shape is (1, 2). x has two columns, so how many rows does "
                "the weight need?",
                "w1.T @ w2": "The shapes don't fit. x meets w1 as it stands.",
            },
        )
        bias = __(
            b1 @ w2 + b2,
            wrong={
                "b1 + b2": "That runs, by broadcasting, and gives three numbers. What does the "
                "second layer do to b1?",
                "b2": "b1 is added, too, before the second layer.",
                "b1 @ w2": "That is what becomes of b1. The second layer has its own bias.",
                "b1": "That has three numbers, as many as there are between the layers. The "
                "result has one.",
                "(b1 + b2) @ w2": "b2 is added after the second weight, not before it.",
                "b1 * w2 + b2": "That multiplies number by number. The second layer is a "
                "matrix product.",
                "b1.sum() + b2": "The second layer doesn't only sum what it is given.",
                "w2 @ b1 + b2": "The shapes don't fit. b1 is a row, and it comes from the "
                "left, as x does.",
            },
            hints=[
                "Multiply out (x @ w1 + b1) @ w2 + b2, as you would with numbers.",
                "What is multiplied by x in the end? And what is left if x is 0?",
            ],
            why="Weights of shapes (2, 3) and (3, 1) make one of shape (2, 1). However many "
            "linear layers you stack, nothing is gained in what they can compute: that takes "
            "an activation between them.",
            core=True,
        )
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
        h = __(
            torch.relu(x @ w1),
            wrong={
                "x @ w1": "Without an activation, the two layers give -x for each x, as the "
                "line above says.",
                "torch.relu(x) @ w1": "The bend comes too early: nothing is left of a negative "
                "x, and the rest is linear.",
                "torch.relu(x)": "h needs two numbers. Where is the first layer?",
                "torch.relu(x @ w1 @ w2)": "The bend belongs between the two layers. What is "
                "the result of both of them?",
                "torch.abs(x @ w1)": "That is a bend, too. But then nothing tells a negative x "
                "from a positive one.",
                "x.abs()": "h needs two numbers, and they have to tell a negative x from a "
                "positive one.",
                "torch.sigmoid(x @ w1)": "That bends, but it also squeezes: all outputs lie "
                "between 0 and 1.",
                "torch.tanh(x @ w1)": "That bends both sides alike, and squeezes all numbers "
                "between -1 and 1.",
                "(x @ w1) ** 2": "That is a bend, too. But it squares the numbers.",
                "F.leaky_relu(x @ w1)": "That is close. But it lets a little of the negative "
                "number through.",
                "torch.relu(w1)": "That bends the weights. An activation works on what a layer "
                "gives.",
            },
            hints=[
                "x @ w1 holds x and -x. What should become of the negative one of the two?",
                "torch.relu() works on each number of a tensor.",
            ],
            why="A linear layer can't do this: it has no corner. With biases the corners can "
            "be anywhere, and with enough of them such a network comes as close as you like to "
            "any continuous function on a closed, bounded range.",
        )
        assert (h @ w2).item() == (v if v > 0 else -2 * v)


def test_the_gradient_of_relu():
    """y is relu(x), multiplied by 5. What is in x.grad? Give a list."""
    x = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    y = 5 * torch.relu(x)
    y.sum().backward()
    assert x.grad.tolist() == __(
        [0.0, 0.0, 5.0],
        wrong={
            "[0.0, 0.0, 15.0]": "These are the values of y. The blank asks for gradients.",
            "[0.0, 0.0, 1.0]": "These are the derivatives of relu. y is 5 times as large.",
            "[0.0, 5.0, 5.0]": "At 0 a line of slope 0 meets one of slope 1. torch chose one "
            "of these two slopes, but not this one.",
            "[0.0, 2.5, 5.0]": "At 0 a line of slope 0 meets one of slope 1. torch does not "
            "take the middle here.",
            "[-5.0, 0.0, 5.0]": "That would be right for abs(). relu is flat on the left.",
            "[5.0, 5.0, 5.0]": "That would be right without relu. On the left, does y change "
            "if x does?",
            "[0.0, None, 5.0]": "A tensor holds only numbers. torch had to choose one for the "
            "corner.",
            "[0.0, float('nan'), 5.0]": "There is no derivative at the corner. But torch "
            "returns a plain number here.",
        },
        hints=[
            "On the left relu is flat, on the right it is x itself.",
            "At the corner each slope between the two would do. torch takes one of the ends.",
        ],
        why="relu lets a gradient pass or blocks it: for positive numbers the derivative is 1, "
        "however large they are, and many outputs are exactly 0. At the corner there is no "
        "derivative, and 0 is a convention. Other functions with the same values may have "
        "another one: torch.maximum(x, torch.zeros(3)) gives half of the gradient at 0.",
        numbers={
            "5": "7",
            "5.0": "7.0",
            "3.0": "2.0",
            "2.0": "4.0",
            "15.0": "14.0",
            "2.5": "3.5",
        },
        core=True,
    )


def test_a_unit_that_never_learns():
    """A unit is one output of a layer. At b = -8 this one is dead: b.grad would be 0.

    Write an activation that lets it learn. Where z is positive, y should still be z.
    """
    x = torch.tensor([1.0, 2.0])
    for start in [-8.0, 8.0]:
        b = torch.tensor(start, requires_grad=True)
        z = x + b
        # It was: y = torch.relu(z)
        y = __(
            F.leaky_relu(z),
            wrong={
                "torch.relu(z)": "z is negative for all the data, and there this is flat: no "
                "gradient passes.",
                "F.relu(z)": "That is torch.relu() by another name: it is flat for all the "
                "data.",
                "z": "That lets all of the gradient pass. But then nothing bends: the unit is "
                "linear.",
                "torch.abs(z)": "That lets a gradient pass on the left, but with the wrong "
                "sign: there y shrinks as z grows.",
                (
                    "torch.sigmoid(z)",
                    "torch.tanh(z)",
                ): "That lets a little pass. But for positive z it is not z.",
                "F.softplus(z)": "That lets a little pass. But for positive z it is slightly "
                "more than z.",
                "torch.relu(z) + 0.01": "A constant moves the value, but not the gradient: "
                "that is still 0.",
                "z.clamp(min=0.01)": "Below the bound clamp is flat, so no gradient passes.",
                "torch.relu(-z)": "That turns the unit round: for positive z it is dead.",
                "torch.relu(z).requires_grad_()": "That flag is set already. The gradient of b "
                "is 0 because relu is flat there.",
                "F.leaky_relu(z, 0.0)": "With this slope it is relu: the left side is flat.",
                "F.leaky_relu(z, 1.0)": "With this slope both sides are the same: nothing "
                "bends.",
                "F.gelu(z)": "That is the right idea. But this far to the left, GELU is almost "
                "flat, and slopes slightly the other way.",
                "F.silu(z)": "For positive z it is slightly less than z. And this far to the "
                "left it slopes the other way.",
                "F.selu(z)": "That lets some pass. But for positive z it is a little more than "
                "z.",
                "F.relu6(z)": "That is flat on the left, and from 6 on as well.",
            },
            hints=[
                "Something has to be left of the gradient where z is negative.",
                "torch.nn.functional, here F, has a relu that leaks.",
            ],
            why="This is called a dying ReLU: one step that is too large can push b so far "
            "that z is negative for every example, and from then on its own weight and bias "
            "get a gradient of 0. A leaky ReLU keeps a slope there, 0.01 unless you say "
            "otherwise, so -3 becomes -0.03. F.elu(z) is another cure; a smaller learning rate "
            "or another initial bias may prevent it.",
            core=True,
        )
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
    assert [a for a in slopes if leaky[a] == formula[a]] == __(
        [-1.0, 0.25, 1.0],
        wrong={
            "[-1.0, 0.25, 1.0, 2.0]": "Work out both for z = -4 and z = 3, with the largest of "
            "the four.",
            "[0.25, 1.0]": "Work out both for z = -4 and z = 3, with a = -1.",
            "[0.25]": "A slope between 0 and 1 is usual. But the formula may hold for others.",
            "[1.0]": "With a = 1 both are z. Which others are there?",
            "[-1.0, 0.25]": "With a = 1 there is no bend, but are the two the same?",
            "[0.25, 1.0, 2.0]": "With the largest of these, which is larger at z = 3: a * z or "
            "z?",
            "[-1.0, 2.0]": "A slope between 0 and 1 is the usual case, and the formula comes "
            "from there.",
            "[]": "Take the usual case: a small slope, such as 0.25.",
            "[2.0]": "With a = 2, which is larger at z = 3: a * z or z?",
        },
        hints=[
            "leaky_relu is z where z is positive, and a * z where it is not.",
            "At z = 3 the maximum should be z, at z = -4 it should be a * z.",
        ],
        why="The formula holds for every a up to 1. Above 1 the maximum takes the wrong side, "
        "on both sides of 0, and nothing is raised. The slope is a knob worth tuning, 0.01 by "
        "default, and nn.PReLU learns it. At z = 0, torch passes the slope a back.",
    )


def test_the_derivative_of_sigmoid():
    """a = sigmoid(z) is 1 / (1 + exp(-z)). Write the derivative of a with respect to z."""

    def derivative(z):
        a = torch.sigmoid(z)
        return __(
            a * (1 - a),
            wrong={
                "z * (1 - z)": "The right form, but the wrong variable: at z = 0 this is 0, "
                "where a sigmoid is steepest.",
                "a * (1 - z)": "One of the two factors is right. The derivative can be written "
                "with a alone.",
                "z * (1 - a)": "One of the two factors is right. At z = 0 this is 0.",
                "a": "That is the value. A sigmoid is flat where it is close to 1.",
                "1 - a": "That is large far to the left. But there a sigmoid is flat.",
                "1 - a**2": "That is the derivative of tanh, written with its output.",
                "a * (a - 1)": "That is negative. But a grows with z.",
                "a * (1 + a)": "That is largest far to the right. But there a sigmoid is flat.",
                "torch.exp(-z)": "That is a part of the formula for a. At z = 0 it is 1, which "
                "is too steep.",
                "0.25": "That is right only at z = 0, where the derivative is largest.",
                "torch.sigmoid(a) * (1 - torch.sigmoid(a))": "a is the output already. Here it "
                "goes through the sigmoid a second time.",
                "-a * (1 - a)": "A sigmoid grows with z.",
            },
            hints=[
                "At -2, 0 and 2, a is 0.12, 0.5 and 0.88. Far out on both sides it is flat.",
                "It is a product of two factors, and only a stands in it.",
            ],
            why="It takes the output, and no exponential: torch saves a in the forward pass "
            "for this. The derivative is largest at z = 0, where a is one half, and there it "
            "is a quarter. So a chain of ten sigmoids multiplies a gradient by less than a "
            "millionth, unless the weights are large.",
            core=True,
        )

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
    assert z[a < 0.01].tolist() == __(
        [-6.0],
        wrong={
            "[-0.01, 0.0, 0.01]": "A small z is close to 0, and there the output is about one "
            "half.",
            "[-6.0, -0.01]": "For a negative z the output is below one half. How far below it "
            "is for -0.01?",
            (
                "[-6.0, -0.01, 0.0]",
                "[0.0]",
            ): "The output is 1 / (1 + exp(-z)). What is that at 0?",
            "[6.0]": "exp(-6) is small. So what is 1 / (1 + exp(-6))?",
            "[]": "The output is above 0 on paper, whatever z is. But it can be very small.",
            "[-6.0, 6.0]": "The output is not symmetric: one end is near 0, the other near 1.",
        },
    )
    assert z[z.grad < 0.01].tolist() == __(
        [-6.0, 6.0],
        wrong={
            "[-6.0]": "At 6 the output is almost 1. Does it still change there?",
            "[6.0]": "At -6 the output is almost 0. Does it still change there?",
            "[-0.01, 0.0, 0.01]": "These are in the middle, where a sigmoid is steepest.",
            "[0.0]": "At 0 the sigmoid crosses one half, and there it is steepest.",
            "[-6.0, -0.01]": "A sigmoid grows everywhere, so no gradient is negative. Where is "
            "it flat?",
            "[]": "On paper the gradient is never 0. But it can be very small.",
            "[-6.0, -0.01, 0.0, 0.01, 6.0]": "In the middle the gradient is about a quarter.",
        },
        hints=[
            "Draw a sigmoid: flat on the left, steep in the middle, flat on the right.",
            "The gradient is a * (1 - a). When is one of the two factors small?",
        ],
        why="It is a very negative z that brings an output near 0, not a small one. And far "
        "out on either side a unit is saturated: at 5 and -5 the gradient is 0.0066, against "
        "0.25 at 0. Data that is not scaled, such as pixels from 0 to 255, puts a unit there "
        "from the start, and sigmoids in hidden layers learn slowly.",
        numbers={"6.0": "9.0", "6": "9", "0.01": "0.001"},
        core=True,
    )


def test_tanh_from_sigmoid():
    """tanh is a sigmoid, stretched and moved. What goes into the sigmoid?

    And what is the gradient of tanh at 0?
    """
    for v in [-3.0, 0.5, 2.0]:
        z = torch.tensor(v)
        stretched = __(
            2 * z,
            wrong={
                "z": "That goes from -1 to 1, too, but only half as steeply.",
                "z / 2": "That goes from -1 to 1, too, but more slowly than tanh.",
                "4 * z": "That is too steep. How steep is it if z itself goes in?",
                "z**2": "That is never negative, but tanh is, for a negative z.",
                ("-z", "-2 * z"): "That falls where tanh grows.",
                "z + 1": "That would move it to the side. At 0, tanh is 0.",
                "torch.tanh(z)": "That is what should come out, not what goes in.",
                "2 * z + 1": "That would move it to the side as well. At 0, tanh is 0.",
            },
        )
        a = 2 * torch.sigmoid(stretched) - 1
        assert a.item() == pytest.approx(torch.tanh(z).item(), 1e-4)
    z = torch.tensor(0.0, requires_grad=True)
    torch.tanh(z).backward()
    assert z.grad == __(
        1.0,
        wrong={
            "0.0": "0 is the value of tanh there. The blank asks for its gradient.",
            "0.25": "0.25 is the gradient of a sigmoid. It was stretched in two directions.",
            "0.5": "0.5 is right after one of the two stretches.",
            "2.0": "The sigmoid is stretched twice, but it starts from a gradient of 0.25.",
            "4.0": "4 is how much steeper it is than a sigmoid.",
        },
        hints=[
            "tanh(z) is (exp(z) - exp(-z)) / (exp(z) + exp(-z)). Divide both parts by exp(z).",
            "Then the chain rule: a factor from the outside, a factor from what goes in.",
        ],
        why="tanh is centred on 0, where it is four times as steep as a sigmoid; at 3 it is "
        "0.9951 already. Its derivative is 1 - tanh(z)**2. But it saturates as well: at 5 and "
        "-5 the gradient is 0.00018. (If you plot it: the middle of torch.linspace(-3, 3, 11) "
        "need not be exactly 0, because of rounding.)",
    )


def test_the_gradient_of_softmax():
    """softmax is exp(z) / exp(z).sum(): scores become probabilities. What are the gradients?"""
    z = torch.zeros(4, requires_grad=True)
    torch.softmax(z, dim=0)[0].backward()
    assert z.grad.tolist() == __(
        [0.1875, -0.0625, -0.0625, -0.0625],
        wrong={
            "[0.1875, 0.0, 0.0, 0.0]": "The first number is right. But if z[1] grows, what "
            "becomes of the probability of z[0]?",
            "[0.25, 0.25, 0.25, 0.25]": "These are the probabilities. The blank asks for the "
            "gradient of one of them.",
            "[0.25, 0.0, 0.0, 0.0]": "That would be right if only the top of the fraction grew "
            "with z[0]. Its bottom grows, too.",
            "[1.0, 0.0, 0.0, 0.0]": "That would be right for z[0] itself.",
            "[0.1875, 0.0625, 0.0625, 0.0625]": "The sizes are right. If z[1] grows, does the "
            "probability of z[0] grow?",
            "[0.1875, 0.1875, 0.1875, 0.1875]": "If z[1] grows, does the probability of z[0] "
            "grow?",
            "[0.1875, -0.1875, -0.1875, -0.1875]": "What z[0] gains, the other three lose "
            "together.",
            "[0.25, -0.25, -0.25, -0.25]": "These would be right for probabilities of one "
            "half. Here four scores are equal.",
            "[0.75, -0.25, -0.25, -0.25]": "One factor is missing: the probability itself.",
        },
    )
    z.grad = None
    torch.softmax(z, dim=0).sum().backward()
    assert z.grad.tolist() == __(
        [0.0, 0.0, 0.0, 0.0],
        wrong={
            "[1.0, 1.0, 1.0, 1.0]": "That would be right for z.sum(). What is the sum of all "
            "probabilities, whatever z is?",
            "[0.25, 0.25, 0.25, 0.25]": "These are the probabilities. What is their sum, "
            "whatever z is?",
            "[0.1875, 0.1875, 0.1875, 0.1875]": "Each score raises its own probability by "
            "that. What does it do to the others?",
            "[0.1875, -0.0625, -0.0625, -0.0625]": "That is the gradient of the first "
            "probability alone. The others have theirs.",
            "[None, None, None, None]": "A tensor holds only numbers. And a path does lead "
            "from the sum to z.",
            "None": "z.grad was set to None. But then another backward pass ran.",
        },
        hints=[
            "First the probabilities themselves: the four scores are equal.",
            "For its own score, each of them has the derivative of a sigmoid with that output.",
        ],
        why="Adding the same number to every score changes no probability, so the first four "
        "gradients sum to 0. And what one probability gains, the others lose. The scores [2, "
        "1, 0.1] give the probabilities 0.659, 0.242 and 0.099. A loss that only sees the sum "
        "of the probabilities teaches nothing.",
    )


def test_whether_probabilities_sum_to_one():
    """total is a Python number. Write the condition that it is 1, up to rounding in float32."""

    def is_one(total):
        return __(
            abs(total - 1) < 1e-5,
            wrong={
                "total == 1": "A third has no end in binary, so it was rounded. The sum of the "
                "three here is 1.00000003, not 1.",
                "total - 1 < 1e-5": "That lets everything through that is less than 1, such as "
                "0.9.",
                "round(total) == 1": "That rounds to a whole number, and lets 0.9 through.",
                "int(total) == 1": "int() cuts off everything after the decimal point. So 1.1 "
                "gets through, and 0.9999999 doesn't.",
                "total >= 1": "Rounding goes both ways. And 1.1 gets through.",
                "total <= 1": "Rounding goes both ways. And 0.9 gets through.",
                "abs(total - 1) == 0": "That allows for no rounding at all.",
                "abs(total - 1) < 0.5": "That allows for far more than rounding: 0.9 gets "
                "through.",
                "abs(total - 1) < 1e-12": "float32 has about seven digits. That asks for "
                "twelve.",
                "abs(total - 1) < 1e-7": "Near 1, float32 numbers lie about 1e-7 apart, and "
                "rounding errors add up.",
                "True": "Then everything gets through, even 0.9.",
            },
            hints=[
                "How far from 1 is it, whichever side it is on?",
                "float32 holds about seven decimal digits. Allow for a few errors in the last.",
            ],
            why="Courses print the sum of a softmax as 1.0, but in float32 it is often "
            "1.0000001 or 0.9999999. Compare with a tolerance. torch.allclose() has one that "
            "suits float32; math.isclose() asks for nine digits unless you say otherwise, "
            "which is too strict here. Which last digit you get depends on the version and the "
            "machine.",
        )

    thirds = torch.softmax(torch.zeros(3), dim=0)
    for total in [sum(thirds.tolist()), 1.0000002, 0.9999998]:
        assert is_one(total)
    assert not is_one(0.9)
    assert not is_one(1.1)


def test_probabilities_of_each_example():
    """Each row of z holds the scores of one example. Write the probabilities, row by row."""
    z = torch.tensor([[0.0] * 4, [1.0] * 4], requires_grad=True)
    p = __(
        torch.softmax(z, dim=1),
        wrong={
            (
                "torch.softmax(z, dim=0)",
                "torch.softmax(z, 0)",
                "F.softmax(z, dim=0)",
            ): "That runs, but down the columns: the two examples compete with each other.",
            "torch.softmax(z)": "torch doesn't guess here: it wants to know along which "
            "dimension the probabilities sum to 1.",
            "torch.softmax(z, dim=2)": "z has two dimensions, and they are counted from 0.",
            "torch.sigmoid(z)": "That looks at each score by itself, so the probabilities "
            "don't sum to 1.",
            "z / z.sum(dim=1)": "Scores may be 0 or negative. What makes them positive first?",
            "z.exp() / z.exp().sum()": "That divides by the sum over both examples.",
            "z.exp() / z.exp().sum(1)": "The sum has the shape (2,), and it should be a "
            "column. Chapter 7 had an argument for that.",
            "torch.softmax(z.flatten(), dim=0)": "Then all eight scores compete.",
            "torch.softmax(z.T, dim=1)": "In z.T each example is a column.",
            "torch.softmax(z, dim=1).sum(1)": "That sums the probabilities of each example. "
            "They are what is asked for.",
            "torch.softmax(z, dim=1).T": "The probabilities are right. But each example should "
            "be a row.",
            "torch.log_softmax(z, dim=1)": "These are the logarithms of the probabilities.",
        },
        hints=[
            "dim says which index runs while the probabilities are summed to 1.",
            "z[0, 0], z[0, 1], z[0, 2] and z[0, 3] belong together. Which index changes?",
        ],
        why="The wrong dimension raises nothing: each column sums to 1 then, and the two rows "
        "here to about 1.08 and 2.92. The answer for one example would depend on the others in "
        "its batch, and so would its gradient. A batch of one shows it: all its probabilities "
        "would be 1.",
    )
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
    names = __(
        ["softmax", "sigmoid", "none"],
        wrong={
            '["softmax", "softmax", "none"]': "With softmax the tags compete: a photo of a "
            "beach at night could not get both.",
            '["sigmoid", "sigmoid", "none"]': "Something is of exactly one kind, so the "
            "outputs for the kinds should sum to 1.",
            '["sigmoid", "softmax", "none"]': "The first two are swapped. Which of the two "
            "should sum to 1?",
            '["softmax", "sigmoid", "relu"]': "Temperatures may be below 0. The output of relu "
            "never is.",
            '["softmax", "sigmoid", "sigmoid"]': "A sigmoid stays between 0 and 1. "
            "Temperatures don't.",
            '["softmax", "relu", "none"]': "relu has no upper end. Whether a tag applies is a "
            "number between 0 and 1.",
            '["relu", "sigmoid", "none"]': "relu gives no probabilities. For the kinds, the "
            "outputs should sum to 1.",
            (
                '["softmax", "sigmoid", None]',
                '["softmax", "sigmoid", "linear"]',
                '["softmax", "sigmoid", "identity"]',
            ): "Write the name as it stands in last.",
            '["softmax", "sigmoid", "softmax"]': "softmax gives probabilities that sum to 1. "
            "Temperatures don't.",
        },
        hints=[
            "What must be true of the numbers that come out: signs, bounds, a sum?",
            "Where several may be true at once, each number is judged by itself.",
        ],
        why="These are last layers; in hidden layers ReLU is the usual first choice. A sigmoid "
        "gives a number between 0 and 1 that is read as a probability (0.9988 for a score of "
        "6.7), or opens a gate; tanh gives values centred on 0. In training, softmax and "
        "sigmoid are often left to the loss, which takes the raw scores, called logits.",
        core=True,
    )
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
    assert [layers.item(), merged.item()] == __(
        [0.0, 1.0],
        wrong={
            "[1.0, 1.0]": "On paper both are 1. In which of the two is 2**24 + 1 computed on "
            "the way?",
            "[0.0, 0.0]": "In one of the two, 2**24 and -2**24 cancel before a 1 comes into "
            "it.",
            "[1.0, 0.0]": "These are swapped. What is x @ w1, and what is w1 @ w2?",
            "[2.0**24, 1.0]": "x @ w1 has two numbers. The second one is -2**24.",
            "[0.0, 2.0**24]": "w1 @ w2 sums along the rows of w1. What is the first of these "
            "sums?",
        },
        hints=[
            "x @ w1 sums down the columns of w1, w1 @ w2 sums along its rows.",
            "Round after each product. Then multiply by what is left.",
        ],
        why="Two linear layers are one on paper, and usually almost so in float32: but sums of "
        "rounded numbers depend on their order. Courses show this with torch.allclose() on "
        "random matrices, and say that it gives True: once in a while it gives False. float64 "
        "makes it rarer, whole numbers that are small make it exact.",
    )


def test_what_passes_through_relu():
    """A look back at chapter 7. What is in b.grad? Give a list."""
    x = torch.tensor([[1.0, -2.0], [3.0, 1.0], [-4.0, 5.0]])
    b = torch.tensor([0.0, -2.0], requires_grad=True)
    factors = torch.tensor([[1.0], [10.0], [100.0]])
    y = torch.relu(x + b)
    (y * factors).sum().backward()
    assert b.grad.tolist() == __(
        [11.0, 100.0],
        wrong={
            "[111.0, 111.0]": "That would be right without relu. In which rows is x + b "
            "positive?",
            "[11.0, 110.0]": "In the second column, x is positive in two rows. And x + b?",
            "[31.0, 300.0]": "These are sums of the values. The derivative of relu does not "
            "depend on how large a number is.",
            "[2.0, 1.0]": "These count the rows that pass. Each of them has its factor.",
            "[100.0, 11.0]": "These two are swapped, or the negative numbers were let through.",
            "[1.0, 10.0, 100.0]": "These are the factors of the rows. b has one number for "
            "each column.",
            "[111.0]": "b has two numbers.",
            "[101.0, 10.0]": "In the first column, the numbers of x + b are 1, 3 and -4.",
        },
        hints=[
            "First x + b: b is added to each row. Which of the six are positive?",
            "What passes is summed down each column, with the factors of the rows.",
        ],
        why="The gradient of a bias is the sum over the examples for which its unit is active. "
        "An example for which it is not active has no say, and if there are only such "
        "examples, the unit is dead.",
        numbers={
            "3.0": "5.0",
            "4.0": "3.0",
            "5.0": "4.0",
            "10.0": "30.0",
            "100.0": "200.0",
            "11.0": "31.0",
            "111.0": "231.0",
            "110.0": "230.0",
            "31.0": "151.0",
            "300.0": "400.0",
            "101.0": "201.0",
            "3": "5",
            "4": "3",
        },
    )
