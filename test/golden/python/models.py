"""The models of src/nn/models in PyTorch, with the same keys in their state dicts."""
from torch import nn


class Residual(nn.Module):
    """y = F(x) + shortcut(x)"""

    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def mlp(inputs=784, hidden=(), classes=10, batch_norm=False):
    layers, width = [nn.Flatten()], inputs
    for size in hidden:
        layers += [nn.Linear(width, size), *([nn.BatchNorm1d(size)] if batch_norm else []), nn.ReLU()]
        width = size
    return nn.Sequential(*layers, nn.Linear(width, classes))


def cnn(classes=10, channels=4, batch_norm=False):
    layers, width = [], 1
    for _ in range(2):
        layers += [nn.Conv2d(width, channels, 3, padding=1), *([nn.BatchNorm2d(channels)] if batch_norm else []), nn.ReLU(), nn.AvgPool2d(2)]
        width = channels
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 7 * 7, classes))


def lenet5(classes=10):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes))


def convolution(inputs, outputs, size, stride):
    return [nn.Conv2d(inputs, outputs, size, stride=stride, padding=(size - 1) // 2, bias=False), nn.BatchNorm2d(outputs)]


def block(inputs, outputs, stride):
    body = nn.Sequential(*convolution(inputs, outputs, 3, stride), nn.ReLU(), *convolution(outputs, outputs, 3, 1))
    return [Residual(body, nn.Sequential(*convolution(inputs, outputs, 1, stride)) if inputs != outputs else None), nn.ReLU()]


def mini_resnet(classes=10):
    return nn.Sequential(
        *convolution(1, 16, 3, 1), nn.ReLU(), *block(16, 16, 1), *block(16, 32, 2), *block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))
