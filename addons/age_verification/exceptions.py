"""Errors that stay between a provider and those who ask it."""


class AgeProviderError(Exception):
    """A provider cannot be reached or does not answer as it should.

    It says nothing about the buyer: who waits goes on waiting.
    """
