"""Proof of age of a wallet: ISO/IEC 18013-5 documents of the European age profile. Pure."""

from .chain import describe, load_anchors
from .errors import MdocError
from .response import DOCTYPE, MAX_SIZE, Attestation, verify
