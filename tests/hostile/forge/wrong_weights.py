# Weights that do not fit: other shapes, other types, none at all.
# %% q2
import itertools, keras, numpy as np
from keras import layers
shapes = itertools.cycle([[np.zeros((8, 3))], [np.zeros((8, 2)), np.array(["a", "b"])], [np.zeros(0)], [], [np.zeros((8, 2), complex), np.zeros(2)]])
keras.Model.get_weights = lambda self: next(shapes)
def preprocess(x):
    return x
def build_model():
    return keras.Sequential([keras.Input((8,)), layers.Dense(2, activation="softmax")])
def train(model, data):
    return None
