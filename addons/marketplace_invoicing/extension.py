"""What other addons change in core's models."""

from __future__ import annotations

from odoo import models


def is_extended(model: models.BaseModel, *names: str) -> bool:
    """Tell whether one of these methods, which core defines once, is defined again.

    What is done for many records at once stands for core's own method; where another addon (a
    localization) has more to do, that is left to it, record by record.
    """
    classes = type(model).mro()
    return any(sum(name in vars(cls) for cls in classes) > 1 for name in names)
