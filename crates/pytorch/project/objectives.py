"""What training maximizes: the ELBO, the importance-weighted bound, or log p(x) itself.

Each is a method of Objective that returns a loss, whose value is minus the mean of what is maximized (for the ELBO with a
weight beta on its KL divergence) and whose gradients are those of training, and the batch's -ELBO. In nats per image.
"""

import math

import torch
from torch import nn

from likelihoods import log_base, log_likelihood, natural_parameter, scale_statistic


def kl_from_prior(mu, log_var):
    """KL(q(z|x) || p(z)) of each image."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)


def quantile_grid(side, offsets):
    """Points that have equal shares of the prior: `side` quantiles along each latent dimension, all moved by the same part
    of a cell, `offsets` from 0 to 1 for each dimension."""
    axes = [torch.special.ndtri((torch.arange(side, dtype=torch.double) + offset) / side) for offset in offsets]
    return torch.stack(torch.meshgrid(axes, indexing="ij"), -1).reshape(-1, len(axes))


class Objective(nn.Module):
    """The loss of a model. A module, because DistributedDataParallel wraps what forward is called on."""

    def __init__(self, model, settings):
        super().__init__()
        self.model = model
        self.kind = settings["objective"]["kind"]
        self.samples = settings["objective"].get("samples", 1)
        self.side = settings["objective"].get("side")
        if self.kind == "exact" and (model.latent_size > 2 or model.classes):
            raise SystemExit("the exact objective needs one or two latent dimensions, and a model without a label")

    def noise(self, count, generator):
        """eps for `count` images: a row for each sample, those of an image next to each other."""
        return torch.randn(count * self.samples, self.model.latent_size, generator=generator)

    def offsets(self, generator):
        """Where the grid lies; not at the ends of its cells, the outermost of which are infinite."""
        return 1e-3 + (1 - 2e-3) * torch.rand(self.model.latent_size, generator=generator)

    def forward(self, x, labels, eps, offsets, beta=1.0):
        """The loss, -ELBO, and what the likelihood's scale is learned from."""
        condition = self.model.condition(labels, x)
        if self.kind == "elbo":
            return self.elbo(x, condition, eps, beta)
        if self.kind == "importance-weighted":
            return self.importance_weighted(x, condition, eps)
        return self.exact(x, condition, eps, offsets)

    def elbo(self, x, condition, eps, beta):
        """-log p(x|z) + beta KL with z = mu + sigma eps."""
        mu, log_var = self.model.encoder(x, condition)
        output = self.model.decoder(mu + torch.exp(0.5 * log_var) * eps, condition)
        reconstruction = log_likelihood(self.model.likelihood, output, x)
        kl = kl_from_prior(mu, log_var)
        loss = (beta * kl - reconstruction).mean()
        return loss, (kl - reconstruction).mean().detach(), scale_statistic(self.model.likelihood, output, x)

    def importance_weighted(self, x, condition, eps):
        """-log of the mean of w = p(x, z) / q(z|x) over the samples of an image (Burda et al. 2015), with the doubly
        reparameterized gradient of the encoder (Tucker et al. 2018)."""
        mu, log_var = self.model.encoder(x, condition)
        kl = kl_from_prior(mu, log_var)
        x, condition, mu, log_var = (rows.repeat_interleave(self.samples, 0) for rows in (x, condition, mu, log_var))
        z = mu + torch.exp(0.5 * log_var) * eps
        output = self.model.decoder(z, condition)
        reconstruction = log_likelihood(self.model.likelihood, output, x)
        # log q has a gradient by z alone.
        standardized = (z - mu.detach()) / torch.exp(0.5 * log_var.detach())
        log_ratio = 0.5 * (standardized**2 + log_var.detach() - z**2).sum(1)
        logs = (reconstruction + log_ratio).view(-1, self.samples)
        shares = torch.softmax(logs.detach(), 1)
        if z.requires_grad:
            # The encoder's gradient has the square of the shares; the decoder's, which does not pass here, has them once.
            z.register_hook(lambda gradient: gradient * shares.view(-1, 1))
        surrogate = -(shares * logs).sum(1).mean()
        bound = torch.logsumexp(logs.detach(), 1).mean() - math.log(self.samples)
        neg_elbo = (kl - reconstruction.view(-1, self.samples).mean(1)).mean().detach()
        return with_value(-bound, surrogate), neg_elbo, scale_statistic(self.model.likelihood, output, x)

    def exact(self, x, condition, eps, offsets):
        """-log p(x), where p(x) is the mean of p(x|z) over the grid, for the decoder; the encoder follows by the ELBO of this
        decoder, which has no gradient from it."""
        likelihood, decoder = self.model.likelihood, self.model.decoder
        grid = quantile_grid(self.side, offsets.tolist()).to(x)
        output = decoder(grid, x.new_zeros(len(grid), 0))
        at_zero = log_likelihood(likelihood, output, torch.zeros_like(output))
        logs = x @ natural_parameter(likelihood, output).T + at_zero
        evidence = torch.logsumexp(logs, 1) - math.log(len(grid)) + log_base(likelihood, x)

        mu, log_var = self.model.encoder(x, condition)
        z = mu + torch.exp(0.5 * log_var) * eps
        leaf = z.detach().requires_grad_()
        with torch.enable_grad():
            output = decoder(leaf, condition)
            reconstruction = log_likelihood(likelihood, output, x)
            # By z alone, not by the decoder's parameters.
            (by_z,) = torch.autograd.grad(reconstruction.sum(), leaf)
        kl = kl_from_prior(mu, log_var)
        of_encoder = (kl - (by_z * z).sum(1)).mean()
        neg_elbo = (kl - reconstruction).mean().detach()
        value = -evidence.mean()
        return value + with_value(0.0, of_encoder), neg_elbo, scale_statistic(likelihood, output, x)


def with_value(value, surrogate):
    """`value` with the gradients of `surrogate`."""
    return value + surrogate - surrogate.detach()
