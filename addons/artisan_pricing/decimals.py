"""From the ORM's floats to the engine's decimals."""

from decimal import Decimal

#: A product of floats carries an error behind these digits, a price or quantity does not.
DIGITS = 10


def to_decimal(number):
    """The decimal that a float stands for: 0.1 is 0.1, whatever is behind its digits."""
    return Decimal(repr(round(float(number), DIGITS)))


def to_unit(quantity, line, other):
    """A quantity in the unit of one line in that of another (Decimal).

    :param line: of an order or invoice, as is the other
    """
    return to_decimal(
        line.product_uom_id._compute_quantity(
            quantity, other.product_uom_id, round=False
        )
    )
