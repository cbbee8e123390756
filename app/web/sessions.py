"""What Gradio keeps of each tab, made cheaply: at its first event, and again when it had fallen out."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.blocks import Blocks
    from gradio.state_holder import SessionState


def lighten(blocks: Blocks) -> None:
    """Let the sessions of a mounted page be copies of one.

    Gradio describes all parts of the page anew for each session, by looking at the signature of the class of each: 7 ms
    of processor, which with 200 readers at once was a quarter of what the server did. A copy takes a fiftieth.
    """
    from gradio.state_holder import SessionState, StateHolder

    first = SessionState(blocks)

    class Sessions(StateHolder):
        """Makes a session that it does not have yet by copying the first, in which nobody has done anything."""

        def __getitem__(self, session_id: str) -> SessionState:
            if session_id not in self.session_data:
                self.session_data[session_id] = _copy(first)
            return super().__getitem__(session_id)

    # The application and the page hold the same holder, each under a name of its own.
    blocks.state_holder.__class__ = Sessions


def _copy(first: SessionState) -> SessionState:
    """Return a session like the first. Gradio puts the last value of a part into its `props`, and nowhere deeper."""
    made = copy(first)
    made.blocks_config = copy(first.blocks_config)
    made.config_values = {
        key: {**config, "props": {**config["props"]}} if "props" in config else {**config}
        for key, config in first.config_values.items()
    }
    made.state_data, made._state_ttl = {}, {}
    return made
