"""Library tags: what the bytes of a tag say, one file a data model. Pure."""

from edge.library.tags.contents import Model, TagContents
from edge.library.tags.decode import Bank, decode_tag

__all__ = ["Bank", "Model", "TagContents", "decode_tag"]
