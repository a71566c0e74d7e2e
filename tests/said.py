"""What a command says, whether the machine is busy or not."""


def without_waiting(text: str) -> str:
    """The text without the lines that explain a long wait, which a busy machine makes."""
    return text.replace("loading the kernels, which the first time are compiled ...\n", "")
