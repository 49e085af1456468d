"""log p(x|z) of each kind, and the scales that training learns.

`likelihood` is that of card.json, such as {"kind": "gaussian", "sigma": 0.1}; `output` is the decoder's; x is from 0 to 1.
"""

import math

import torch
import torch.nn.functional as F

# Bounds of learned scales: half of one of 256 levels, and an eighth.
MIN_SIGMA, MIN_SCALE = 0.5 / 255, 0.125 / 255
# The Fisher information of a logistic distribution about the logarithm of its scale.
FISHER_INFORMATION = (math.pi**2 + 3) / 9


def log_likelihood(likelihood, output, x):
    """log p(x|z) of each image in nats."""
    kind = likelihood["kind"]
    if kind == "gaussian":
        sigma = likelihood["sigma"]
        values = -0.5 * ((x - output) / sigma) ** 2 - math.log(sigma) - 0.5 * math.log(2 * math.pi)
    elif kind == "discretized-logistic":
        values = discretized_logistic(likelihood["scales"], output, x)
    else:
        values = -F.binary_cross_entropy_with_logits(output, x, reduction="none")
        if kind == "continuous-bernoulli":
            values = values + log_normalizer(output)
    return values.sum(1)


def log_normalizer(logits):
    """The log normalizer of the continuous Bernoulli, ln(l / tanh(l / 2)), by its series near 0."""
    small = logits.abs() < 0.01
    safe = torch.where(small, torch.ones_like(logits), logits)
    return torch.where(small, math.log(2) + logits**2 / 12, torch.log(safe / torch.tanh(safe / 2)))


def discretized_logistic(scales, location, x):
    """The logarithm of the probability of each of 256 levels, a difference of two values of the logistic function."""
    scales = torch.as_tensor(scales, dtype=x.dtype, device=x.device).clamp(min=MIN_SCALE)
    rows = (-1, len(scales))
    level = torch.floor(x.reshape(rows) * 255 + 0.5)
    distance = level / 255 - location.reshape(rows)
    upper, lower = (distance + 0.5 / 255) / scales, (distance - 0.5 / 255) / scales
    values = torch.log(-torch.expm1(-(1 / 255) / scales)) + F.logsigmoid(upper) + F.logsigmoid(-lower)
    values = torch.where(level <= 0, F.logsigmoid(upper), values)
    values = torch.where(level >= 255, F.logsigmoid(-lower), values)
    return values.reshape(x.shape)


def natural_parameter(likelihood, output):
    """eta(z) in log p(x|z) = log p(0|z) + eta(z) x + h(x), of each pixel."""
    kind = likelihood["kind"]
    if kind == "discretized-logistic":
        raise SystemExit("the exact objective is not implemented for a discretized logistic likelihood")
    return output / likelihood["sigma"] ** 2 if kind == "gaussian" else output


def log_base(likelihood, x):
    """h(x) in log p(x|z) = log p(0|z) + eta(z) x + h(x), of each image."""
    if likelihood["kind"] == "gaussian":
        return -0.5 * (x**2).sum(1) / likelihood["sigma"] ** 2
    return x.new_zeros(len(x))


def scale_statistic(likelihood, output, x):
    """What the scale is learned from, a mean over the batch: the squared error for a Gaussian, the derivative of log p(x|z)
    for the logarithm of each scale for a discretized logistic. Nothing for other kinds."""
    kind = likelihood["kind"]
    output = output.detach()
    if kind == "gaussian":
        return ((x - output) ** 2).mean().reshape(1)
    if kind == "discretized-logistic":
        with torch.enable_grad():
            logs = torch.tensor(likelihood["scales"], dtype=x.dtype, device=x.device).log().requires_grad_()
            values = discretized_logistic(logs.exp(), output, x)
            (derivative,) = torch.autograd.grad(values.sum(), logs)
        return derivative * len(logs) / x.numel()
    return x.new_zeros(0)


def with_learned_scale(likelihood, statistic, share):
    """The likelihood after its scale has moved by `share` of the way to the maximum-likelihood estimate."""
    kind = likelihood["kind"]
    values = statistic.tolist()
    if not all(math.isfinite(value) for value in values):
        return likelihood
    if kind == "gaussian":
        variance = (1 - share) * likelihood["sigma"] ** 2 + share * values[0]
        return {**likelihood, "sigma": max(math.sqrt(variance), MIN_SIGMA)}
    if kind == "discretized-logistic":
        steps = [min(max(value / FISHER_INFORMATION, -2), 2) for value in values]
        scales = [scale * math.exp(share * step) for scale, step in zip(likelihood["scales"], steps)]
        return {**likelihood, "scales": [max(scale, MIN_SCALE) for scale in scales]}
    return likelihood
