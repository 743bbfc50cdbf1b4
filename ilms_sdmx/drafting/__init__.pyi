from .drafts import draft_mapping as draft_mapping
from .imported import mapping_of as mapping_of
