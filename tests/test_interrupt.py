import os
import signal

import pytest

from app.interrupt import interruptible


class Swallows:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):  # the handler runs here, where Python drops what it raises
            pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_python_dropped_is_raised_at_the_next_check():
    with interruptible() as check:
        check()
        thing = Swallows()
        del thing

        with pytest.raises(KeyboardInterrupt):
            check()


def test_the_handler_of_before_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before
