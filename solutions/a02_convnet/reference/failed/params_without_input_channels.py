# Forgets that a filter looks at all input channels.

# %% q2
def conv_params(kh, kw, cin, cout):
    """Conv2D의 매개변수 수 / number of parameters of a Conv2D layer."""
    return (kh * kw + 1) * cout


def conv_out(size, kernel, stride=1, padding="valid"):
    """한 변의 출력 크기 / size of the output along one side."""
    if padding == "same":
        return -(-size // stride)
    return (size - kernel) // stride + 1
